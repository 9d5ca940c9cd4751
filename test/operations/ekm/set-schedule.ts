import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetSchedule",
    service: "ekm-meter-settings",
    content:
      "<$:Schedule>6</$:Schedule><$:Period><$:StartHour>0</$:StartHour><$:StartMinute>30</$:StartMinute><$:Tariff>4</$:Tariff></$:Period>",
    request: { schedule: 6, periods: [{ hour: 0, minute: 30, tariff: 4 }] },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content:
      "<$:Schedule>6</$:Schedule><$:Period><$:StartHour>0</$:StartHour><$:StartMinute>30</$:StartMinute><$:Tariff>4</$:Tariff></$:Period>",
    check: (_, meter) => assert.deepEqual(meter.tariffs.schedules[5]![0], { hour: 0, minute: 30, tariff: 4 }),
  },
};
