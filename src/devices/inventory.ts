import type { Coupling, Device } from "../domain/device.ts";
import { MetergateError } from "../domain/errors.ts";
import type { Action, RequestedOperation } from "../domain/request.ts";
import { type Clock, type Elapsed, since } from "../lib/clock.ts";
import { evidenceOf } from "../message-log/evidence.ts";
import { groupsNeeded } from "../operations/registry.ts";
import type {
  DeviceFirmware,
  DeviceRow,
  DevicesStore,
  InventoryEntry,
  MbusName,
  UnreadableDevice,
} from "../store/devices.ts";
import type { NewLogEntry } from "../store/message-log.ts";
import { isAuthorised } from "./authorisation.ts";

/** Most devices that are kept in memory, 1 to 2 kB each; the longest unused ones go. */
const MOST_CACHED = 10_000;
/** How old a copy may be before the database is asked whether anything changed. */
const CHECK_AFTER_MS = 1000;

/** Devices and rights. Accepting a request asks it thousands of times a second. */
export class Inventory {
  readonly #devices: DevicesStore;
  readonly #clock: Clock;
  readonly #entries = new Map<string, InventoryEntry>();
  #version = -1;
  /** When the last answer was asked for that came. */
  #checked: Elapsed | undefined;
  #asking: { readonly asked: Elapsed; readonly answered: Promise<void> } | undefined;

  constructor(devices: DevicesStore, clock: Clock) {
    this.#devices = devices;
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
   * Whether an organisation may run an operation on a device. A right that was added is seen at once, one that was
   * withdrawn after a second at the latest.
   * @param asked what is asked for, as a part of it may need more
   */
  async isAuthorised(
    organisation: string,
    identification: string,
    operation: RequestedOperation,
    asked?: Pick<Action, "version" | "request">,
  ): Promise<boolean> {
    const needed = groupsNeeded(operation, asked);
    const allows = (entry: InventoryEntry | undefined) =>
      isAuthorised(entry?.authorisations ?? [], organisation, needed);
    if (allows(await this.#entry(identification))) return true;
    // A refusal is final for the caller, so it is never founded on an old copy.
    await this.#check(0);
    return allows(await this.#entry(identification));
  }

  /** The organisation that owns a device; undefined when the device is unknown or nobody's. */
  async ownerOf(identification: string): Promise<string | undefined> {
    const entry = await this.#entry(identification);
    return entry?.authorisations.find((right) => right.functionGroup === "OWNER")?.organisation;
  }

  /**
   * Keeps a zone that the device was set to; dates in later requests are meant in it.
   * @param timezone IANA name
   */
  async setTimezone(identification: string, timezone: string): Promise<void> {
    await this.change(identification, (device) => ({ ...device, timezone }));
  }

  /** Keeps what firmware a device says it has, with the time; modules that are not named stay as they were. */
  async setFirmwareVersions(
    identification: string,
    versions: readonly { readonly module: string; readonly version: string }[],
  ): Promise<void> {
    const readMs = this.#clock.now();
    await this.#devices.putFirmwareVersions(
      identification,
      versions.map(({ module, version }) => ({ module, version, readMs })),
    );
  }

  /** The firmware versions that a device has told, by module. */
  async firmwareVersions(identification: string): Promise<DeviceFirmware[]> {
    return this.#devices.firmwareVersions(identification);
  }

  /**
   * The M-Bus device with this identity.
   * @throws MetergateError UNKNOWN_DEVICE when there is none, or more than one.
   */
  async findMbusDevice(identity: MbusName): Promise<Device> {
    const [device, ...more] = await this.#devices.findByMbusIdentity(identity);
    if (device && more.length === 0) return device;
    const { identificationNumber, manufacturerIdentification } = identity;
    throw new MetergateError(
      "UNKNOWN_DEVICE",
      `${device ? "More than one" : "No"} device with M-Bus identification number ${identificationNumber} and manufacturer ${manufacturerIdentification}`,
    );
  }

  /**
   * The device whose record has this system title, as capital hexadecimal digits; undefined when there is none, or more
   * than one: then nobody can tell whose message it is.
   */
  async findBySystemTitle(systemTitle: string): Promise<Device | undefined> {
    const [device, ...more] = await this.#devices.findBySystemTitle(systemTitle);
    return more.length === 0 ? device : undefined;
  }

  /**
   * Devices by identification, also those whose records cannot be read; with `organisation` only those that it has a right
   * on.
   */
  async list(page: {
    offset: number;
    limit: number;
    organisation?: string;
  }): Promise<(DeviceRow | UnreadableDevice)[]> {
    return this.#devices.list(page);
  }

  /** How many devices `list` has in all. */
  async count(organisation?: string): Promise<number> {
    return this.#devices.count(organisation);
  }

  /**
   * Changes what is recorded about a device; not its identification or M-Bus identity.
   * @throws MetergateError UNKNOWN_DEVICE
   */
  async change(identification: string, change: (device: Device) => Device): Promise<void> {
    await this.#change(identification, change, []);
  }

  /**
   * Keeps what a device is behind, and that a request said so.
   * @param gateway undefined for nothing any more
   * @throws MetergateError UNKNOWN_DEVICE
   */
  async couple(identification: string, gateway: Coupling | undefined, correlationUid: string): Promise<void> {
    const operation = gateway ? "couple" : "decouple";
    const deed = { by: "platform", operation, device: identification, correlationUid, details: { gateway } } as const;
    await this.#change(identification, (device) => ({ ...device, gateway }), [evidenceOf(deed, this.#clock.now())]);
  }

  /** The devices that are behind this one. */
  async behind(gateway: string): Promise<Device[]> {
    return this.#devices.behind(gateway);
  }

  async #change(
    identification: string,
    change: (device: Device) => Device,
    evidence: readonly NewLogEntry[],
  ): Promise<void> {
    for (let changed = false; !changed; ) {
      const device = (await this.#devices.find(identification))?.device;
      if (!device) throw new MetergateError("UNKNOWN_DEVICE", `There is no device ${identification}`);
      // Somebody else may have changed it meanwhile: then once more, over what is there now.
      changed = await this.#devices.replace(device, change(device), evidence);
    }
    await this.#check(0);
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

  /**
   * Forgets all copies if anything changed since they were made. When the last answer is `afterMs` old, it waits for
   * another one, however long that takes: until then nobody knows.
   */
  async #check(afterMs: number): Promise<void> {
    const isRecent = (moment: Elapsed) => since(this.#clock, moment) < afterMs;
    if (this.#checked !== undefined && isRecent(this.#checked)) return;
    if (!this.#asking || !isRecent(this.#asking.asked)) {
      const asked = this.#clock.elapsed();
      this.#asking = { asked, answered: this.#ask(asked) };
    }
    await this.#asking.answered;
  }

  async #ask(asked: Elapsed): Promise<void> {
    try {
      const version = await this.#devices.version();
      this.#checked = asked;
      if (version === this.#version) return;
      this.#version = version;
      this.#entries.clear();
    } finally {
      if (this.#asking?.asked === asked) this.#asking = undefined;
    }
  }
}
