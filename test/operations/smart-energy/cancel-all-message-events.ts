import assert from "node:assert/strict";
import { entryOf } from "../../../src/simulators/smart-energy/entry.ts";
import type { TestCase } from "../cases.ts";
import { message, NODE } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "CancelAllMessageEvents",
    service: "smart-energy",
    content: "<$:Endpoint>94</$:Endpoint>",
    request: { endpoint: 94 },
    result: { endpoint: 94, recipient: [NODE] },
    response: "<Result>OK</Result><Endpoint>94</Endpoint><Recipient>0013A200400A0001</Recipient>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      gateway.messages.add(entryOf(message(82), "message_id", gateway.schedule.nowMs()));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Result"), ["OK"]);
      assert.deepEqual(gateway.messages.entries, []);
    },
  },
};
