import assert from "node:assert/strict";
import { entryOf } from "../../../src/simulators/smart-energy/entry.ts";
import type { TestCase } from "../cases.ts";
import { price } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "CancelAllPriceEvents",
    service: "smart-energy",
    request: {},
    result: { endpoint: 94, recipient: [] },
    response: "<Result>OK</Result><Endpoint>94</Endpoint>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      gateway.prices.add(entryOf(price(91), "issuer_event_id", gateway.schedule.nowMs()));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Result"), ["OK"]);
      assert.deepEqual(gateway.prices.entries, []);
    },
  },
};
