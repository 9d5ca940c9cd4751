import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "Reboot",
    service: "egauge-commands",
    content: "<$:AllowAddressChange>true</$:AllowAddressChange>",
    request: { allowAddressChange: true },
    result: { bootMs: Date.UTC(2026, 0, 9, 13, 30, 5) },
    response: "<Result>OK</Result><BootTime>2026-01-09T13:30:05.000Z</BootTime>",
  },
  egauge: {
    content: "",
    check(answer, { state, executed }) {
      assert.equal(answer("Result"), "OK");
      assert.deepEqual([state.boots, state.bootReason], [2, "requested"]);
      assert.deepEqual(executed, ["reboot"]);
      assert.ok(Math.abs(Date.parse(answer("BootTime")!) - state.trueTimeMs) < 60_000);
    },
  },
};
