import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetTime",
    service: "ekm-meter-settings",
    content: "<$:LocalTime>2026-02-28T23:59:58</$:LocalTime>",
    request: { localTime: "2026-02-28T23:59:58" },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content: "<$:LocalTime>2026-02-28T23:59:58</$:LocalTime>",
    check(_, meter) {
      const shownMs = meter.localTime(Date.now()).getTime();
      assert.ok(Math.abs(shownMs - Date.UTC(2026, 1, 28, 23, 59, 58)) < 60_000);
    },
  },
};
