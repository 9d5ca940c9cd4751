import assert from "node:assert/strict";
import { entryOf } from "../../../src/simulators/smart-energy/entry.ts";
import type { TestCase } from "../cases.ts";
import { event, NODE } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "CancelAllDrlcEvents",
    service: "smart-energy",
    content: "<$:Record><$:EndRandomly>false</$:EndRandomly></$:Record>",
    request: { record: { endRandomly: false, rawField: [] } },
    result: { endpoint: 94, recipient: [NODE] },
    response: "<Result>OK</Result><Endpoint>94</Endpoint><Recipient>0013A200400A0001</Recipient>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      gateway.drlc.add(entryOf(event(71), "issuer_event_id", gateway.schedule.nowMs()));
    },
    check(answer, gateway) {
      assert.equal(answer("Recipient").length, 1);
      assert.deepEqual(gateway.drlc.entries, []);
    },
  },
};
