import assert from "node:assert/strict";
import { receiveDrlcEvent } from "../../../src/simulators/smart-energy/received.ts";
import type { TestCase } from "../cases.ts";
import { event } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "ClearDrlcEvents",
    service: "smart-energy",
    request: {},
    result: { endpoint: 94, recipient: [] },
    response: "<Result>OK</Result><Endpoint>94</Endpoint>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      receiveDrlcEvent(gateway, event(74));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Result"), ["OK"]);
      assert.deepEqual(gateway.receivedDrlc.entries, []);
    },
  },
};
