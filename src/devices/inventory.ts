import type { Device, MbusIdentity } from "../domain/device.ts";
import { MetergateError } from "../domain/errors.ts";
import type { OperationName } from "../domain/operations.ts";
import type { Clock } from "../lib/clock.ts";
import type { Database } from "../store/database.ts";
import { type DeviceRow, DevicesRepository, type InventoryEntry } from "../store/devices-repository.ts";
import { isAuthorised } from "./authorisation.ts";

/** Most devices that are kept in memory, 1 to 2 kB each; the longest unused ones go. */
const MOST_CACHED = 10_000;
/** How old a copy may be before the database is asked whether anything changed. */
const CHECK_AFTER_MS = 1000;

/** Devices, organisations and rights. Accepting a request asks it thousands of times a second. */
export class Inventory {
  readonly #devices: DevicesRepository;
  readonly #clock: Clock;
  readonly #entries = new Map<string, InventoryEntry>();
  readonly #organisations = new Set<string>();
  #version = -1;
  #checkedMs = Number.NEGATIVE_INFINITY;

  constructor(database: Database, clock: Clock) {
    this.#devices = new DevicesRepository(database);
    this.#clock = clock;
  }

  /**
   * The device, or undefined when there is none. What another process changed is seen after a second at the latest, a
   * device that it added at once.
   */
  async find(identification: string): Promise<Device | undefined> {
    return (await this.#entry(identification))?.device;
  }

  /**
   * Checks that an organisation may run an operation on a device and, for an M-Bus device, on the meter in front of it.
   * A right that was added is seen at once.
   * @returns the device
   * @throws MetergateError UNKNOWN_ORGANISATION, UNKNOWN_DEVICE, UNAUTHORIZED
   */
  async authorise(organisation: string, identification: string, operation: OperationName): Promise<Device> {
    await this.#check(CHECK_AFTER_MS);
    if (!(await this.#knowsOrganisation(organisation))) {
      throw new MetergateError("UNKNOWN_ORGANISATION", `there is no organisation ${organisation}`);
    }
    const device = await this.#require(identification);
    for (const target of device.gateway ? [identification, device.gateway.device] : [identification]) {
      if (await this.#mayRun(organisation, target, operation)) continue;
      throw new MetergateError("UNAUTHORIZED", `${organisation} has no right to run ${operation} on ${target}`);
    }
    return device;
  }

  /**
   * The device that is connected to: the device itself, or the electricity meter in front of an M-Bus device.
   * @throws MetergateError GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE, GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE
   */
  async route(device: Device): Promise<Device> {
    if (!device.gateway && !device.mbus) return device;
    if (!device.gateway) {
      throw new MetergateError(
        "GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE",
        `${device.identification} has no electricity meter as its gateway`,
      );
    }
    const gateway = await this.find(device.gateway.device);
    if (!gateway?.dlms) {
      throw new MetergateError(
        "GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE",
        `${device.gateway.device}, the gateway of ${device.identification}, is not an electricity meter`,
      );
    }
    return gateway;
  }

  /**
   * The M-Bus device with this identity.
   * @throws MetergateError UNKNOWN_DEVICE when there is none, or more than one.
   */
  async findMbusDevice(
    identity: Pick<MbusIdentity, "identificationNumber" | "manufacturerIdentification">,
  ): Promise<Device> {
    const [device, ...more] = await this.#devices.findByMbusIdentity(identity);
    if (device && more.length === 0) return device;
    const { identificationNumber, manufacturerIdentification } = identity;
    throw new MetergateError(
      "UNKNOWN_DEVICE",
      `${device ? "more than one" : "no"} device with M-Bus identification number ${identificationNumber} and manufacturer ${manufacturerIdentification}`,
    );
  }

  /** Devices by identification; with `organisation` only those that it has a right on. */
  async list(page: { offset: number; limit: number; organisation?: string }): Promise<DeviceRow[]> {
    return this.#devices.list(page);
  }

  /** How many devices `list` has in all. */
  async count(organisation?: string): Promise<number> {
    return this.#devices.count(organisation);
  }

  async #require(identification: string): Promise<Device> {
    const device = await this.find(identification);
    if (!device) throw new MetergateError("UNKNOWN_DEVICE", `there is no device ${identification}`);
    return device;
  }

  async #mayRun(organisation: string, identification: string, operation: OperationName): Promise<boolean> {
    const allowed = async () =>
      isAuthorised((await this.#entry(identification))?.authorisations ?? [], organisation, operation);
    if (await allowed()) return true;
    // A refusal is final for the caller, so it is never founded on an old copy.
    await this.#check(0);
    return allowed();
  }

  async #knowsOrganisation(identification: string): Promise<boolean> {
    if (this.#organisations.has(identification)) return true;
    const known = await this.#devices.knownOrganisations([identification]);
    if (known.has(identification)) this.#organisations.add(identification);
    return known.has(identification);
  }

  async #entry(identification: string): Promise<InventoryEntry | undefined> {
    await this.#check(CHECK_AFTER_MS);
    const cached = this.#entries.get(identification);
    const version = this.#version;
    const entry = cached ?? (await this.#devices.find(identification));
    // What was read while the inventory changed may be old; it is used once and not kept.
    if (!entry || version !== this.#version) return entry;
    this.#entries.delete(identification);
    this.#entries.set(identification, entry);
    if (this.#entries.size > MOST_CACHED) {
      const [oldest] = this.#entries.keys();
      this.#entries.delete(oldest!);
    }
    return entry;
  }

  /** Forgets all copies if anything changed since they were made; asks when the last answer is `afterMs` old. */
  async #check(afterMs: number): Promise<void> {
    const nowMs = this.#clock.now();
    if (nowMs - this.#checkedMs < afterMs) return;
    this.#checkedMs = nowMs;
    const version = await this.#devices.version();
    if (version === this.#version) return;
    this.#version = version;
    this.#entries.clear();
  }
}
