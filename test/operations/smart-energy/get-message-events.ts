import assert from "node:assert/strict";
import { entryOf } from "../../../src/simulators/smart-energy/entry.ts";
import type { TestCase } from "../cases.ts";
import { message } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetMessageEvents",
    service: "smart-energy",
    request: {},
    result: { endpoint: 94, role: "CLIENT", record: [{ messageId: 8, message: "Hi", rawField: [] }] },
    response:
      "<Result>OK</Result><Endpoint>94</Endpoint><Role>CLIENT</Role><Record><MessageId>8</MessageId>" +
      "<Message>Hi</Message></Record>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      gateway.messages.clear();
      gateway.messages.add(entryOf(message(86), "message_id", gateway.schedule.nowMs()));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Message"), ["Hello"]);
      assert.equal(gateway.messages.entries.length, 1);
    },
  },
};
