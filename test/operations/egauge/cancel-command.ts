import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "CancelCommand",
    service: "egauge-commands",
    content: "<$:Token>0123456789abcdef0123456789abcdef</$:Token>",
    request: { token: "0123456789abcdef0123456789abcdef" },
    result: {},
    response: "<Result>OK</Result>",
  },
  egauge: {
    // Nothing is there to cancel, and so nothing runs that should not.
    content: "<$:Token>0123456789abcdef0123456789abcdef</$:Token>",
    check(answer) {
      assert.equal(answer("Result"), "OK");
    },
  },
};
