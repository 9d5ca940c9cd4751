/** What a device reported by itself, for its owner to find. */
export interface DeviceReport {
  readonly device: string;
  /** The family's word for what it is. */
  readonly kind: string;
  /** By the device's clock; epoch milliseconds. */
  readonly atMs: number;
  /** Plain data, which JSON keeps. */
  readonly content: object;
  /** The octets as they came: evidence, and what tells the same report by. */
  readonly message: Uint8Array;
}

/** A report as its owner finds it. */
export interface KeptReport extends Omit<DeviceReport, "message"> {
  readonly correlationUid: string;
  /** Epoch milliseconds. */
  readonly receivedMs: number;
}

/** Which reports somebody wants of a device. */
export interface ReportSearch {
  readonly correlationUid?: string | undefined;
  /** Every kind when there is none. */
  readonly kinds: readonly string[];
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
  /** From 0 on. */
  readonly page: number;
}
