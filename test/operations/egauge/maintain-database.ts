import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "MaintainDatabase",
    service: "egauge-commands",
    content:
      "<$:Action>RESTORE</$:Action><$:From>2026-01-01T00:00:00Z</$:From><$:To>2026-01-02T00:00:00Z</$:To>" +
      "<$:DatabaseId>3</$:DatabaseId><$:Data>00FF</$:Data><$:MoreChunks>true</$:MoreChunks>",
    request: {
      ...{ action: "restore", fromMs: Date.UTC(2026, 0, 1), toMs: Date.UTC(2026, 0, 2), databaseIds: [3] },
      ...{ data: "00FF", moreChunks: true },
    },
    result: {},
    response: "<Result>OK</Result>",
  },
  egauge: {
    content: "<$:Action>ZERO</$:Action><$:DatabaseId>2</$:DatabaseId>",
    check(answer, { registers }) {
      assert.equal(answer("Result"), "OK");
      assert.ok(registers.counterOf("Grid+") < 1_000_000n);
      assert.ok(registers.counterOf("Grid-") > 1_000_000n);
    },
  },
};
