import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "SetWeekendHolidaySchedules",
    service: "ekm-meter-settings",
    content: "<$:HolidaySchedule>6</$:HolidaySchedule>",
    request: { holiday: 6 },
    result: { by: "ANSWER" },
    response: "<Result>OK</Result><ConfirmedBy>ANSWER</ConfirmedBy>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content: "<$:HolidaySchedule>6</$:HolidaySchedule>",
    check: (_, { tariffs }) => assert.deepEqual([tariffs.weekendSchedule, tariffs.holidaySchedule], [0, 6]),
  },
};
