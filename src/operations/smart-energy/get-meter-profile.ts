import { defineOperation } from "../operation.ts";
import { type FromMeter, type GetProfile, type Profile, requireZigbeeTime, type ToMeter } from "../smart-energy.ts";

/** Reads what a meter counted in the latest intervals. */
export const getMeterProfile = defineOperation<
  ToMeter & { readonly record: GetProfile },
  FromMeter & { readonly record: Profile }
>({
  name: "GetMeterProfile",
  addressedTo: ["meter", "gateway"],
  group: "MONITORING",
  effect: "reads",
  notification: "GET_METER_PROFILE",
  failure: "fault",
  check({ record }) {
    requireZigbeeTime("EndTime", record.endTimeMs);
    requireZigbeeTime("StartTime", record.startTimeMs);
  },
});
