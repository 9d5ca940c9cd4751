import { setRelay } from "../../../operations/ekm/set-relay.ts";
import { relaysOf } from "../codec/readings.ts";
import { execution, notInV3 } from "../execution.ts";
import type { Look } from "../shows.ts";

export const setRelayExecution = execution(setRelay, {
  missing: notInV3("relays"),
  run({ meter }, { relay, status, durationS }) {
    const params = {
      relay: relay === "RELAY_1" ? "Relay_1" : "Relay_2",
      status: status === "CLOSED" ? "close" : "open",
      duration: durationS,
    };
    const look: Look = {
      in: "reading",
      shows(reading) {
        const relays = relaysOf(reading);
        if (!relays) return "nothing";
        if (relays[relay] === (status === "CLOSED")) return "as-asked";
        // It may have been there, and be back by now.
        return durationS > 0 ? "nothing" : "otherwise";
      },
    };
    return meter.change("SetRelay", params, look);
  },
});
