import type { RequestOf } from "../../../operations/operation.ts";
import { requestFastPollMode } from "../../../operations/smart-energy/request-fast-poll-mode.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const requestFastPollModeForm = wireForm(requestFastPollMode, "smart-energy:RequestFastPollMode", {
  request: (content) => askedFor<RequestOf<typeof requestFastPollMode>>(content),
  response: answered,
});
