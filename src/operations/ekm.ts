/** How it is known that a meter did what it was told. */
export interface Confirmation {
  /** `ANSWER`: it said so. `READING`: its answer was lost, and a reading taken afterwards shows the effect. */
  readonly by: "ANSWER" | "READING";
  /** When the gateway got the command, or when the reading was taken; epoch milliseconds. */
  readonly timeMs?: number | undefined;
}

export type Relay = "RELAY_1" | "RELAY_2";
export type RelayStatus = "OPEN" | "CLOSED";
