import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetMaxDemandResetInterval",
    service: "ekm-meter-settings",
    content: "<$:Interval>HOURLY</$:Interval>",
    request: { interval: "HOURLY" },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["416", "yes", "yes"],
    content: "<$:Interval>HOURLY</$:Interval>",
    check: (_, meter) => assert.equal(meter.maxDemandResetInterval, 4),
  },
};
