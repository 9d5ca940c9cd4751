import assert from "node:assert/strict";
import { entryOf } from "../../../src/simulators/smart-energy/entry.ts";
import type { TestCase } from "../cases.ts";
import { message } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "CancelMessageEvent",
    service: "smart-energy",
    content:
      "<$:Record><$:MessageId>8</$:MessageId><$:ConfirmationRequired>true</$:ConfirmationRequired>" + "</$:Record>",
    request: { record: { messageId: 8, confirmationRequired: true, rawField: [] } },
    result: {
      endpoint: 94,
      record: { messageId: 8, confirmationRequired: true, rawField: [{ name: "message_control", value: "0x90" }] },
      recipient: [],
    },
    response:
      "<Result>OK</Result><Endpoint>94</Endpoint><Record><MessageId>8</MessageId><ConfirmationRequired>true" +
      "</ConfirmationRequired><RawField><Name>message_control</Name><Value>0x90</Value></RawField></Record>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "<$:Record><$:MessageId>81</$:MessageId></$:Record>",
    arrange(gateway) {
      gateway.messages.add(entryOf(message(81), "message_id", gateway.schedule.nowMs()));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("MessageId"), ["81"]);
      assert.equal(gateway.messages.find(81), undefined);
    },
  },
};
