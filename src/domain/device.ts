/** Name of a family of devices. A family brings itself; see `family.ts`. */
export type DeviceFamily = string;

/** What a device speaks, and which version of it. */
export interface DeviceProtocol {
  readonly name: string;
  readonly version: string;
}

/** What a device is behind. */
export interface Coupling {
  readonly device: string;
  /** The channel there, where it has such; 1 … 4 on M-Bus. */
  readonly channel?: number | undefined;
  /** The primary address on an M-Bus, where the electricity meter has told it. */
  readonly primaryAddress?: number | undefined;
}

/** Where a device stands in its life; only coupling M-Bus devices looks at it. */
export const LIFECYCLE_STATUSES = [
  "NEW_IN_INVENTORY",
  "READY_FOR_USE",
  "REGISTERED",
  "REGISTERED_BUILD_IN_FAILED",
  "REGISTERED_INSTALL_FAILED",
  "REGISTERED_UPDATE_FAILED",
  "IN_USE",
  "RETURNED_TO_INVENTORY",
  "UNDER_TEST",
  "DESTROYED",
] as const;
export type LifecycleStatus = (typeof LIFECYCLE_STATUSES)[number];

/**
 * A device as the inventory knows it: what all have in common. Its family keeps more in the record, which is the family's
 * own business. Keys are not here: they are in the vault.
 */
export interface Device {
  /** Device identification of the contract, 16 to 40 letters and digits. */
  readonly identification: string;
  readonly family: DeviceFamily;
  readonly protocol: DeviceProtocol;
  /** IANA zone for dates in requests. */
  readonly timezone: string;
  /** What stands in front of it and is connected to instead. */
  readonly gateway?: Coupling | undefined;
  /** The part of the network that it is in, such as BTS and cell of its modem. */
  readonly networkSegment?: string | undefined;
  /** Model code, for firmware checks. */
  readonly model?: string | undefined;
  /** Absent when nobody ever told. */
  readonly lifecycleStatus?: LifecycleStatus | undefined;
  /** Whether each message between us and the device is kept. */
  readonly debugging?: boolean | undefined;
  /** Correlation UID of the request that made it known, if one did. */
  readonly addedBy?: string | undefined;
}

/** A device that is not known yet, for the request that makes it known: nothing but its identification is true of it. */
export function deviceToBe(identification: string): Device {
  return { identification, family: "", protocol: { name: "", version: "" }, timezone: "UTC" };
}

/** Kind of a secret in the vault, such as `G_METER_MASTER_KEY`; a family says which its devices have. */
export type SecretType = string;

/**
 * What an organisation can be authorised for on a device (contract names, and one of ours). OWNER covers every one but
 * DANGEROUS_COMMANDS: what can leave a device without its data or out of reach is granted by itself.
 */
export const FUNCTION_GROUPS = [
  "OWNER",
  "INSTALLATION",
  "AD_HOC",
  "MANAGEMENT",
  "FIRMWARE",
  "SCHEDULING",
  "TARIFF_SCHEDULING",
  "CONFIGURATION",
  "MONITORING",
  "METADATA_MANAGEMENT",
  "DANGEROUS_COMMANDS",
] as const;
export type FunctionGroup = (typeof FUNCTION_GROUPS)[number];

/** An organisation's right on a device. */
export interface Authorisation {
  readonly organisation: string;
  readonly functionGroup: FunctionGroup;
}
