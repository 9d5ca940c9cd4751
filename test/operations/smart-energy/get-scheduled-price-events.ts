import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";
import { NINE, NODE, price } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetScheduledPriceEvents",
    service: "smart-energy",
    content:
      "<$:Record><$:StartTime>2026-01-31T09:00:00Z</$:StartTime><$:NumberOfEvents>2</$:NumberOfEvents>" + "</$:Record>",
    request: { record: { startTimeMs: NINE, numberOfEvents: 2, rawField: [] } },
    result: { endpoint: 94, record: { numberOfEvents: 2, rawField: [] }, recipient: [NODE] },
    response:
      "<Result>OK</Result><Endpoint>94</Endpoint><Record><NumberOfEvents>2</NumberOfEvents></Record>" +
      "<Recipient>0013A200400A0001</Recipient>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      gateway.utility.prices.splice(0, 9, price(93));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Recipient"), [gateway.utility.mac]);
    },
  },
};
