import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";
import { NINE } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "CreateMessageEvent",
    service: "smart-energy",
    content:
      "<$:Record><$:MessageId>8</$:MessageId><$:Transmission>INTER_PAN</$:Transmission>" +
      "<$:Importance>CRITICAL</$:Importance><$:ConfirmationRequired>true</$:ConfirmationRequired>" +
      "<$:StartTime>2026-01-31T09:00:00Z</$:StartTime><$:Message>Peak &amp; price</$:Message></$:Record>",
    request: {
      record: {
        messageId: 8,
        transmission: "INTER_PAN",
        importance: "CRITICAL",
        confirmationRequired: true,
        startTimeMs: NINE,
        message: "Peak & price",
        rawField: [],
      },
    },
    result: {
      endpoint: 94,
      record: { messageId: 8, importance: "LOW", duration: 60, message: "Peak & price", rawField: [] },
      recipient: [],
    },
    response:
      "<Result>OK</Result><Endpoint>94</Endpoint><Record><MessageId>8</MessageId><Importance>LOW" +
      "</Importance><Duration>60</Duration><Message>Peak &amp; price</Message></Record>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content:
      "<$:Record><$:MessageId>80</$:MessageId><$:Importance>HIGH</$:Importance><$:ConfirmationRequired>true" +
      "</$:ConfirmationRequired><$:Duration>60</$:Duration><$:Message>Save &amp; earn</$:Message>" +
      "</$:Record>",
    arrange(gateway) {
      gateway.messages.clear();
    },
    check(answer, gateway) {
      assert.deepEqual(answer("Message"), ["Save & earn"]);
      assert.deepEqual(answer("Importance"), ["HIGH"]);
      assert.equal(gateway.messages.find(80)?.values.message_control, 0x88);
    },
  },
};
