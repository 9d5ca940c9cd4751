import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetMaxDemandPeriod",
    service: "ekm-meter-settings",
    content: "<$:PeriodMinutes>60</$:PeriodMinutes>",
    request: { periodMinutes: 60 },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content: "<$:PeriodMinutes>60</$:PeriodMinutes>",
    check: (_, meter) => assert.equal(meter.maxDemandPeriod, 3),
  },
};
