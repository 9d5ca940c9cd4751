import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetZeroResettableKWH",
    service: "ekm-meter-settings",
    content: "",
    request: {},
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["416", "yes", "yes"],
    content: "",
    check: (_, meter) => assert.ok(meter.resettable.forward < 1),
  },
};
