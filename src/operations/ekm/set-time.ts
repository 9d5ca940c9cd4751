import { type Confirmation, partsOfLocalTime } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

/** Sets a meter's clock to a time that the caller names. A clock that was set must not be set to that time again later. */
export const setTime = defineOperation<{ readonly localTime: string }, Confirmation>({
  name: "SetTime",
  group: "AD_HOC",
  effect: "moves",
  notification: "SET_TIME",
  failure: "fault",
  check({ localTime }) {
    partsOfLocalTime(localTime);
  },
});
