import assert from "node:assert/strict";
import { receivePrice } from "../../../src/simulators/smart-energy/received.ts";
import type { TestCase } from "../cases.ts";
import { price } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "ClearPriceEvents",
    service: "smart-energy",
    request: {},
    result: { endpoint: 94, recipient: [] },
    response: "<Result>OK</Result><Endpoint>94</Endpoint>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      receivePrice(gateway, price(94));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Result"), ["OK"]);
      assert.deepEqual(gateway.receivedPrices.entries, []);
    },
  },
};
