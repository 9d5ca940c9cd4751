import type { Device } from "../../domain/device.ts";
import { type Clock, type Elapsed, since } from "../../lib/clock.ts";
import type { CloudDeviceId } from "../../smart-energy/device-id.ts";
import { type Gateway, isGateway } from "./device.ts";

/** The part of the inventory in which gateways are looked up. */
export interface InventoryPages {
  list(page: {
    offset: number;
    limit: number;
  }): Promise<readonly ({ readonly device: Device } | { readonly isUnreadable: true })[]>;
}

const AT_A_TIME = 1_000;
/** How old the list may be before somebody who is not on it is looked for again. */
const OLD_AFTER_MS = 60_000;

/** The gateways of the inventory, by their names in the cloud. */
export class GatewayDirectory {
  readonly #inventory: InventoryPages;
  readonly #clock: Clock;
  #known: ReadonlyMap<CloudDeviceId, Gateway> = new Map();
  #read: Elapsed | undefined;

  constructor(inventory: InventoryPages, clock: Clock) {
    this.#inventory = inventory;
    this.#clock = clock;
  }

  /** All of them as they are now. */
  async all(): Promise<readonly Gateway[]> {
    const known = new Map<CloudDeviceId, Gateway>();
    for (let offset = 0; ; offset += AT_A_TIME) {
      const rows = await this.#inventory.list({ offset, limit: AT_A_TIME });
      for (const row of rows) {
        if (!("device" in row) || row.device.family !== "smart-energy" || !isGateway(row.device)) continue;
        known.set(row.device.smartEnergy.deviceId, row.device);
      }
      if (rows.length < AT_A_TIME) break;
    }
    this.#known = known;
    this.#read = this.#clock.elapsed();
    return [...known.values()];
  }

  /** One of them; undefined when nobody has made it known. */
  async find(deviceId: CloudDeviceId): Promise<Gateway | undefined> {
    const known = this.#known.get(deviceId);
    if (known) return known;
    if (this.#read !== undefined && since(this.#clock, this.#read) < OLD_AFTER_MS) return undefined;
    await this.all();
    return this.#known.get(deviceId);
  }
}
