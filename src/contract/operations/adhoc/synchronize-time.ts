import { synchronizeTime } from "../../../operations/adhoc/synchronize-time.ts";
import { change, wireForm } from "../wire-form.ts";

export const synchronizeTimeForm = wireForm(synchronizeTime, "sm-adhoc:SynchronizeTime", {
  ...change,
  request: (r) => ({ timeZone: r.SynchronizeTimeRequestData.TimeZone }),
  bundle: {
    element: "SynchronizeTimeRequest",
    request: (data) => ({ timeZone: data.TimeZone }),
    success: "Synchronizing time was successful",
  },
});
