import type { SecretType } from "./device.ts";

/** What a device told without being asked. */
export interface DeviceEvent {
  readonly device: string;
  /** `alarm` is for the device's owner to know; any other word says what it was for, and is kept as evidence only. */
  readonly kind: string;
  /** Names of the contract's alarms, where there are any. */
  readonly alarms: readonly string[];
  /** For a person to read. */
  readonly text: string;
  /** The octets as they came. Nobody changes them afterwards. */
  readonly message: Uint8Array;
  /** Address that it came from. */
  readonly source: string;
  /**
   * Where the device counts what it protects: a key of its, and the counter of this message, 0 … 2^32 − 1. It has to be
   * higher than all before under the key that is active.
   */
  readonly counter?: { readonly key: SecretType; readonly value: number } | undefined;
}

/** What came in the name of a device and was not believed, for operators to hear of. */
export interface RefusedEvent {
  readonly source: string;
  /** The device, or what else the message said of its sender. */
  readonly device: string;
  /** Why. */
  readonly reason: string;
}
