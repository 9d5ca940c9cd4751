import assert from "node:assert/strict";
import { management, recordOf, requireOk, setRecord } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "EnableDebugging",
    service: "m",
    request: {},
    result: {},
    response: "<Result>OK</Result>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) => management("EnableDebugging", device),
      arrange: (cell) => setRecord(cell, { debugging: false }),
      check: async (answer, cell) => {
        requireOk(answer);
        assert.equal((await recordOf(cell)).debugging, true);
      },
    },
  },
};
