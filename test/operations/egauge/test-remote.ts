import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "TestRemote",
    service: "egauge-commands",
    content: "<$:Address>10.0.0.9:502</$:Address><$:LinkType>modbus</$:LinkType>",
    request: { address: "10.0.0.9:502", linkType: "modbus" },
    result: {
      trace: [{ elapsedSeconds: "0.25", message: "asked" }],
      registers: [{ name: "P1", type: "P" }],
    },
    response:
      "<Result>OK</Result><Trace><ElapsedSeconds>0.25</ElapsedSeconds><Message>asked</Message></Trace>" +
      "<Register><Name>P1</Name><Type>P</Type></Register>",
  },
  egauge: {
    content: "<$:Address>10.0.0.9:502</$:Address><$:LinkType>modbus</$:LinkType>",
    check(answer) {
      assert.equal(answer("ElapsedSeconds"), "0");
      assert.equal(answer("Message"), "resolving 10.0.0.9:502");
      assert.equal(answer("Name"), "Remote Power");
    },
  },
};
