import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetCTRatio",
    service: "ekm-meter-settings",
    content: "<$:CtRatio>5000</$:CtRatio>",
    request: { ctRatio: 5000 },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content: "<$:CtRatio>5000</$:CtRatio>",
    check: (_, meter) => assert.equal(meter.ctRatio, 5000),
  },
};
