import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

const SEALED = "A5".repeat(256);

export const testCase: TestCase = {
  wire: {
    operation: "SetMeterPassword",
    service: "ekm-meter-settings",
    content: `<$:Password>${SEALED}</$:Password>`,
    request: { password: SEALED },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content: (seal) => `<$:Password>${seal("24681357")}</$:Password>`,
    check: (_, meter) => assert.equal(meter.password, "24681357"),
  },
};
