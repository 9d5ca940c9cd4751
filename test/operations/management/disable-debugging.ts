import assert from "node:assert/strict";
import { management, recordOf, requireOk, setRecord } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "DisableDebugging",
    service: "m",
    request: {},
    result: {},
    response: "<Result>OK</Result>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) => management("DisableDebugging", device),
      arrange: (cell) => setRecord(cell, { debugging: true }),
      check: async (answer, cell) => {
        requireOk(answer);
        assert.equal((await recordOf(cell)).debugging, false);
      },
    },
  },
};
