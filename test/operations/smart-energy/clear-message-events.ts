import assert from "node:assert/strict";
import { receiveMessage } from "../../../src/simulators/smart-energy/received.ts";
import type { TestCase } from "../cases.ts";
import { message } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "ClearMessageEvents",
    service: "smart-energy",
    request: {},
    result: { endpoint: 94, recipient: [] },
    response: "<Result>OK</Result><Endpoint>94</Endpoint>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      receiveMessage(gateway, message(85));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Result"), ["OK"]);
      assert.deepEqual(gateway.receivedMessages.entries, []);
    },
  },
};
