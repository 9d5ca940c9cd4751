import { setMeterTime } from "../../../operations/egauge/set-meter-time.ts";
import { wireForm } from "../wire-form.ts";

export const setMeterTimeForm = wireForm(setMeterTime, "egauge-commands:SetMeterTime", {
  request: ({ Time }) => ({ ...(Time && { timeMs: Time.getTime() }) }),
  response: ({ meterTimeMs }) => ({ Result: "OK", MeterTime: new Date(meterTimeMs) }),
});
