import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetLCD",
    service: "ekm-meter-settings",
    content: "<$:DisplayField>Calc_Fwd_kWh</$:DisplayField><$:DisplayField>kWh_Tot</$:DisplayField>",
    request: { displayFields: ["Calc_Fwd_kWh", "kWh_Tot"] },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["416", "yes", "yes"],
    content: "<$:DisplayField>Calc_Fwd_kWh</$:DisplayField><$:DisplayField>kWh_Tot</$:DisplayField>",
    check: (_, meter) => assert.deepEqual(meter.display, [51, 1]),
  },
};
