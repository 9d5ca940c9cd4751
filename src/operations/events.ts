/** The logs that a meter may keep of what happened. */
export type EventLog =
  | "STANDARD_EVENT_LOG"
  | "FRAUD_DETECTION_LOG"
  | "COMMUNICATION_SESSION_LOG"
  | "M_BUS_EVENT_LOG"
  | "POWER_QUALITY_EVENT_LOG"
  | "AUXILIARY_EVENT_LOG"
  | "POWER_QUALITY_EXTENDED_EVENT_LOG"
  | "POWER_QUALITY_THD_EVENT_LOG";

/** What happened, as a meter's log has it. */
export interface MeterEvent {
  /** Epoch milliseconds. */
  readonly timeMs: number;
  /** 0 … 65535 */
  readonly code: number;
  /** Name of the contract: POWER_FAILURE; UNKNOWN_EVENT_HEADEND for a code that has none. */
  readonly type: string;
  readonly log: EventLog;
  /** Number of sessions, in the log of communication sessions: 0 … 65535. */
  readonly counter?: number | undefined;
  /** Magnitude and duration, as text with a unit: `230.1 V`. */
  readonly details: readonly { readonly name: string; readonly value: string }[];
}
