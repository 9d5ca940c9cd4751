import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetHolidayDates",
    service: "ekm-meter-settings",
    content: "<$:Holiday><$:Month>2</$:Month><$:Day>29</$:Day></$:Holiday>",
    request: { holidays: [{ month: 2, day: 29 }] },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content: "<$:Holiday><$:Month>2</$:Month><$:Day>29</$:Day></$:Holiday>",
    check: (_, meter) => assert.deepEqual(meter.tariffs.holidays, [{ month: 2, day: 29 }]),
  },
};
