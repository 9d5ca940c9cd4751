import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "ClearData",
    service: "egauge-commands",
    content: "<$:Data>WEB_CACHE</$:Data>",
    request: { data: "web_cache" },
    result: {},
    response: "<Result>OK</Result>",
  },
  egauge: {
    content: "<$:Data>EXCESS</$:Data>",
    check(answer, { state }) {
      assert.equal(answer("Result"), "OK");
      assert.deepEqual([...state.excess.values()], [0]);
    },
  },
};
