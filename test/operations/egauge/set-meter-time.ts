import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetMeterTime",
    service: "egauge-commands",
    content: "<$:Time>2026-01-09T13:30:05Z</$:Time>",
    request: { timeMs: Date.UTC(2026, 0, 9, 13, 30, 5) },
    result: { meterTimeMs: Date.UTC(2026, 0, 9, 13, 30, 6) },
    response: "<Result>OK</Result><MeterTime>2026-01-09T13:30:06.000Z</MeterTime>",
  },
  egauge: {
    content: "<$:Time>2031-01-09T13:30:05Z</$:Time>",
    check(answer, { state }) {
      assert.ok(Math.abs(state.timeMs - Date.UTC(2031, 0, 9, 13, 30, 5)) < 60_000);
      assert.ok(Math.abs(Date.parse(answer("MeterTime")!) - state.timeMs) < 60_000);
    },
  },
};
