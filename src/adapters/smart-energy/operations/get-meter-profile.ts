import { getMeterProfile } from "../../../operations/smart-energy/get-meter-profile.ts";
import { isFrom } from "../../../smart-energy/commands.ts";
import { execution } from "../execution.ts";
import { GET_PROFILE, GET_PROFILE_RESPONSE } from "../records/metering.ts";
import { askMeter } from "./ask-meter.ts";

export const getMeterProfileExecution = execution(
  getMeterProfile,
  (context, request) =>
    askMeter(context, { command: "get_meter_profile", asks: GET_PROFILE, answers: GET_PROFILE_RESPONSE }, request),
  (release, request) =>
    request?.record.startTimeMs !== undefined && !isFrom(release, "1.5")
      ? `StartTime is offered from release 1.5 on, and this gateway has ${release}`
      : undefined,
);
