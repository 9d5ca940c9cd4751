import assert from "node:assert/strict";
import { receiveMessage } from "../../../src/simulators/smart-energy/received.ts";
import type { TestCase } from "../cases.ts";
import { message, NINE, NODE } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "ConfirmMessageEvent",
    service: "smart-energy",
    content:
      "<$:Record><$:MessageId>8</$:MessageId><$:ConfirmationTime>2026-01-31T09:00:00Z</$:ConfirmationTime>" +
      "</$:Record>",
    request: { record: { messageId: 8, confirmationTimeMs: NINE, rawField: [] } },
    result: { endpoint: 94, record: { messageId: 8, confirmationTimeMs: NINE, rawField: [] }, recipient: [NODE] },
    response:
      "<Result>OK</Result><Endpoint>94</Endpoint><Record><MessageId>8</MessageId>" +
      "<ConfirmationTime>2026-01-31T09:00:00.000Z</ConfirmationTime></Record><Recipient>0013A200400A0001" +
      "</Recipient>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "<$:Record><$:MessageId>83</$:MessageId></$:Record>",
    arrange(gateway) {
      gateway.receivedMessages.clear();
      receiveMessage(gateway, message(83));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("MessageId"), ["83"]);
      assert.deepEqual(answer("Recipient"), [gateway.utility.mac]);
    },
  },
};
