import { refuse } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";

/** One of both. */
export interface CancelledCommand {
  /** Of the request whose command is to end. */
  readonly correlationUid?: string | undefined;
  /** As the meter gave it. */
  readonly token?: string | undefined;
}

/**
 * Ends a long command of an eGauge meter. It reads, as far as order is concerned: it has to pass the very request that it
 * ends.
 */
export const cancelCommand = defineOperation<CancelledCommand, Nothing>({
  name: "CancelCommand",
  group: "MANAGEMENT",
  effect: "reads",
  notification: "CANCEL_COMMAND",
  failure: "fault",
  check({ correlationUid, token }) {
    if ((correlationUid === undefined) === (token === undefined)) {
      refuse("either CommandCorrelationUid or Token says which command is to end, and not both");
    }
  },
});
