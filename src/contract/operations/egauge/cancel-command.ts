import { cancelCommand } from "../../../operations/egauge/cancel-command.ts";
import { done, wireForm } from "../wire-form.ts";

export const cancelCommandForm = wireForm(cancelCommand, "egauge-commands:CancelCommand", {
  request: ({ CommandCorrelationUid: correlationUid, Token: token }) => ({
    ...(correlationUid !== undefined && { correlationUid }),
    ...(token !== undefined && { token }),
  }),
  response: done,
});
