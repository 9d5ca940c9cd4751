import type { Authorisation, Device } from "../domain/device.ts";
import type { NewLogEntry } from "./message-log.ts";
import type { SealedSecret } from "./secrets.ts";

/** A device with everything that decides who may do what with it. */
export interface InventoryEntry {
  readonly device: Device;
  readonly authorisations: readonly Authorisation[];
}

/** A device as an operator sees it in a list. */
export interface DeviceRow extends InventoryEntry {
  /** Next value to use; null before it was ever known. */
  readonly invocationCounter: number | null;
}

/** A device whose record cannot be read: it is named, and hides no other. Importing it once more mends it. */
export interface UnreadableDevice {
  readonly identification: string;
  readonly isUnreadable: true;
}

export interface DeviceToImport extends InventoryEntry {
  readonly invocationCounter?: number | undefined;
  readonly secrets: readonly SealedSecret[];
}

export interface InventoryToImport {
  readonly organisations: readonly string[];
  readonly devices: readonly DeviceToImport[];
  /** Whether secrets take the place of active ones; otherwise those are kept. */
  readonly replaceKeys: boolean;
  /** Epoch milliseconds, stamped on secrets. */
  readonly nowMs: number;
  /** What the log gets with it. */
  readonly evidence: readonly NewLogEntry[];
}

/** What an import changed. */
export interface ImportCounts {
  readonly organisationsAdded: number;
  readonly devicesAdded: number;
  readonly devicesUpdated: number;
  readonly secretsStored: number;
  /** Secrets of the file that were left out because the device has an active one already. */
  readonly secretsKept: number;
}

/** The firmware of one module of a device, as the device told it. */
export interface DeviceFirmware {
  /** Module of the contract, such as ACTIVE_FIRMWARE. */
  readonly module: string;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly readMs: number;
}

/** The invocation counter of a device as it is stored. */
export interface CounterState {
  /** The next value to use; null before it was ever known. */
  readonly counter: number | null;
  /** Values at or above `counter` that are used already, ascending, each from the first to the last of a range. */
  readonly lent: readonly (readonly [from: number, to: number])[];
}

/** The run of a request that changes keys. */
export interface KeyProcessingRun {
  readonly correlationUid: string;
  readonly attempt: number;
}

/** What an M-Bus device is found by. */
export interface MbusName {
  readonly identificationNumber: string;
  readonly manufacturerIdentification: string;
}

/** Number and manufacturer of an M-Bus device, which its family keeps as `mbus` of the record; null of all others. */
export function mbusNameOf(device: Device): [number: string | null, manufacturer: string | null] {
  const { mbus } = device as { readonly mbus?: MbusName };
  return [mbus?.identificationNumber ?? null, mbus?.manufacturerIdentification ?? null];
}

/**
 * Organisations, devices and rights, and what changes about a device while it is talked to. Where several devices are
 * asked for, those whose records cannot be read are left out; only `list` names them.
 */
export interface DevicesStore {
  /** A number that differs after each change of organisations, devices or rights, by whatever process. */
  version(): Promise<number>;
  /** @throws StoreError ROW_UNREADABLE */
  find(identification: string): Promise<InventoryEntry | undefined>;
  /** The devices with this M-Bus identification number and manufacturer; none, one, or more by mistake. */
  findByMbusIdentity(identity: MbusName): Promise<Device[]>;
  /**
   * The devices whose record has this `systemTitle`: what a meter calls itself in ciphered messages, as capital
   * hexadecimal digits. None, one, or more by mistake.
   */
  findBySystemTitle(systemTitle: string): Promise<Device[]>;
  /**
   * Changes what is recorded about a device; not its identification or M-Bus identity.
   * @param before the device as `find` gave it
   * @param evidence what the log gets with it
   * @returns false when it is not like that any more: find it again
   */
  replace(before: Device, after: Device, evidence?: readonly NewLogEntry[]): Promise<boolean>;
  /** The devices that are behind this one, by identification. */
  behind(gateway: string): Promise<Device[]>;
  /** Those of the given organisations that are registered. */
  knownOrganisations(identifications: readonly string[]): Promise<Set<string>>;
  /** Those of the given devices that are registered. */
  knownDevices(identifications: readonly string[]): Promise<Set<string>>;
  /**
   * Devices by identification.
   * @param page.organisation only those that it has a right on
   */
  list(page: {
    readonly offset: number;
    readonly limit: number;
    readonly organisation?: string | undefined;
  }): Promise<(DeviceRow | UnreadableDevice)[]>;
  /** How many devices there are, or how many the organisation has a right on. */
  count(organisation?: string): Promise<number>;
  /** How much there is. */
  countAll(): Promise<{ readonly devices: number; readonly organisations: number }>;
  /**
   * Adds and updates everything in one transaction, which others wait for: some hundred devices at a time, gateways
   * before what is behind them. Life cycle status and debugging of a known device stay, unless they are given.
   */
  import(inventory: InventoryToImport): Promise<ImportCounts>;

  /** The next value to use, null before it was ever known; undefined when there is no such device. */
  invocationCounter(device: string): Promise<number | null | undefined>;
  /** The counter with what was used ahead of it; undefined when there is no such device. */
  counterState(device: string): Promise<CounterState | undefined>;
  /** @returns false when the state is not `before` any more, and then nothing changed */
  replaceCounterState(device: string, before: CounterState, after: CounterState): Promise<boolean>;
  /**
   * Adds to the counter.
   * @param unknownAs what one that was never known counts as; null: it stays unknown
   * @returns the counter afterwards; undefined when it would pass `highest`, values ahead of it are used already, it is
   * unknown, or there is no such device
   */
  addToInvocationCounter(
    device: string,
    count: number,
    highest: number,
    unknownAs: number | null,
  ): Promise<number | undefined>;
  /**
   * @param evidence what the log gets with it, when somebody ordered it
   * @returns false when the counter is this high already; then the log gets nothing
   */
  raiseInvocationCounter(device: string, value: number, evidence: readonly NewLogEntry[]): Promise<boolean>;
  /**
   * Marks that a run works on the device's keys, unless another one does that still runs: a mark lasts as long as the
   * lease of whoever made it.
   * @returns whether the mark is the run's
   */
  startKeyProcessing(device: string, run: KeyProcessingRun): Promise<boolean>;
  /** Takes the mark away, if it is the run's. */
  endKeyProcessing(device: string, run: KeyProcessingRun): Promise<void>;

  /** Keeps firmware versions that were read, the latest of each module. */
  putFirmwareVersions(device: string, versions: readonly DeviceFirmware[]): Promise<void>;
  /** By module. */
  firmwareVersions(device: string): Promise<DeviceFirmware[]>;

  /** @returns the public key, in PEM, that keys are sealed with for an application of an organisation */
  findApplicationKey(organisation: string, application: string): Promise<string | undefined>;
  /** Stores a key in the place of the one before, if any, and the evidence of it. */
  putApplicationKey(
    organisation: string,
    application: string,
    publicKey: string,
    evidence: readonly NewLogEntry[],
  ): Promise<void>;
}
