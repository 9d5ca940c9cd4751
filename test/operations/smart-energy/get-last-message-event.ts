import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";
import { message, NODE } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetLastMessageEvent",
    service: "smart-energy",
    request: {},
    result: { endpoint: 94, recipient: [NODE] },
    response: "<Result>OK</Result><Endpoint>94</Endpoint><Recipient>0013A200400A0001</Recipient>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      gateway.utility.messages.splice(0, 9, message(84));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Recipient"), [gateway.utility.mac]);
    },
  },
};
