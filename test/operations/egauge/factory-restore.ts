import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "FactoryRestore",
    service: "egauge-commands",
    request: {},
    result: {},
    response: "<Result>OK</Result>",
  },
  egauge: {
    content: "",
    check(answer, { state }) {
      assert.equal(answer("Result"), "OK");
      assert.deepEqual([state.boots, state.bootReason], [2, "factory-restore"]);
    },
  },
};
