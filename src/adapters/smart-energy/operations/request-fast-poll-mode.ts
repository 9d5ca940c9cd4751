import { requestFastPollMode } from "../../../operations/smart-energy/request-fast-poll-mode.ts";
import { isFrom } from "../../../smart-energy/commands.ts";
import { execution } from "../execution.ts";
import { FAST_POLL_MODE_RESPONSE, REQUEST_FAST_POLL_MODE } from "../records/metering.ts";
import { askMeter } from "./ask-meter.ts";

export const requestFastPollModeExecution = execution(
  requestFastPollMode,
  (context, request) =>
    askMeter(
      context,
      { command: "request_fast_poll_mode", asks: REQUEST_FAST_POLL_MODE, answers: FAST_POLL_MODE_RESPONSE },
      request,
    ),
  (release) =>
    isFrom(release, "1.5")
      ? undefined
      : `RequestFastPollMode is offered from release 1.5 on, and this gateway has ${release}`,
);
