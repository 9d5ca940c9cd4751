import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";
import { NODE, price } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetCurrentPriceEvent",
    service: "smart-energy",
    content: "<$:Endpoint>1</$:Endpoint>",
    request: { endpoint: 1 },
    result: { recipient: [NODE] },
    response: "<Result>OK</Result><Recipient>0013A200400A0001</Recipient>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      gateway.utility.prices.splice(0, 9, price(92));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Recipient"), [gateway.utility.mac]);
    },
  },
};
