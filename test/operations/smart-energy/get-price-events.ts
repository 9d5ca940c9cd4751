import assert from "node:assert/strict";
import { entryOf } from "../../../src/simulators/smart-energy/entry.ts";
import type { TestCase } from "../cases.ts";
import { price } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetPriceEvents",
    service: "smart-energy",
    request: {},
    result: { endpoint: 94, role: "SERVER", record: [] },
    response: "<Result>OK</Result><Endpoint>94</Endpoint><Role>SERVER</Role>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      gateway.prices.clear();
      gateway.prices.add(entryOf(price(95), "issuer_event_id", gateway.schedule.nowMs()));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Price"), ["1.20"]);
      assert.equal(gateway.prices.entries.length, 1);
    },
  },
};
