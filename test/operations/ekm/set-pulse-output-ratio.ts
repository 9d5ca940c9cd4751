import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetPulseOutputRatio",
    service: "ekm-meter-settings",
    content: "<$:PulseLine>1</$:PulseLine><$:PulseOutputRatio>1600</$:PulseOutputRatio>",
    request: { line: 1, ratio: 1600 },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["416", "yes", "yes"],
    content: "<$:PulseLine>1</$:PulseLine><$:PulseOutputRatio>1600</$:PulseOutputRatio>",
    check: (_, meter) => assert.equal(meter.outputRatio, 1600),
  },
};
