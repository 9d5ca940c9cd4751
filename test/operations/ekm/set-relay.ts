import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetRelay",
    service: "ekm-meter-settings",
    content: "<$:Relay>RELAY_2</$:Relay><$:Status>OPEN</$:Status><$:DurationSeconds>9999</$:DurationSeconds>",
    request: { relay: "RELAY_2", status: "OPEN", durationS: 9999 },
    result: { by: "READING", timeMs: Date.UTC(2026, 0, 31) },
    response:
      "<Result>OK</Result><ConfirmedBy>READING</ConfirmedBy><ConfirmedTime>2026-01-31T00:00:00.000Z</ConfirmedTime>",
  },
  ekm: {
    expected: ["416", "yes", "yes"],
    content: "<$:Relay>RELAY_1</$:Relay><$:Status>CLOSED</$:Status>",
    check(answer, meter) {
      assert.equal(answer("ConfirmedBy"), "ANSWER");
      assert.deepEqual(
        [0, 1].map((relay) => meter.relays[relay]!.held),
        [true, false],
      );
    },
  },
};
