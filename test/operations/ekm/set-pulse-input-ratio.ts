import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetPulseInputRatio",
    service: "ekm-meter-settings",
    content: "<$:PulseLine>3</$:PulseLine><$:PulseInputRatio>9999</$:PulseInputRatio>",
    request: { line: 3, ratio: 9999 },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["416", "yes", "yes"],
    content: "<$:PulseLine>3</$:PulseLine><$:PulseInputRatio>9999</$:PulseInputRatio>",
    check: (_, meter) => assert.equal(meter.pulses[2]!.ratio, 9999),
  },
};
