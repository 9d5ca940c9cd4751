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
}
