import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetMaxDemandResetNow",
    service: "ekm-meter-settings",
    content: "",
    request: {},
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content: "",
    check: (_, meter) => assert.equal(meter.executed.get("SetMaxDemandResetNow")! > 0, true),
  },
};
