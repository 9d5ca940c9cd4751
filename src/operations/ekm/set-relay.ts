import type { Confirmation, Relay, RelayStatus } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

export interface RelaySwitch {
  readonly relay: Relay;
  readonly status: RelayStatus;
  /** Seconds until the relay returns to its held status; 0 makes `status` the held one. 0 … 9999 */
  readonly durationS: number;
}

/** Switches one of the two outputs of a meter: they carry what somebody wired to them, and are no main switch. */
export const setRelay = defineOperation<RelaySwitch, Confirmation>({
  name: "SetRelay",
  group: "AD_HOC",
  effect: "moves",
  notification: "SET_RELAY",
  failure: "fault",
});
