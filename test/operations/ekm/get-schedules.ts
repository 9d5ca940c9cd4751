import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetSchedules",
    service: "ekm-meter-settings",
    content: "",
    request: {},
    result: {
      schedules: [{ schedule: 1, periods: [{ hour: 6, minute: 30, tariff: 2 }] }],
      seasons: [{ month: 3, day: 1, schedule: 1 }],
      holidays: [{ month: 12, day: 25 }],
      weekend: 2,
    },
    response:
      "<Result>OK</Result><Schedule><Schedule>1</Schedule><Period><StartHour>6</StartHour><StartMinute>30</StartMinute><Tariff>2</Tariff></Period></Schedule>" +
      "<Season><StartMonth>3</StartMonth><StartDay>1</StartDay><Schedule>1</Schedule></Season>" +
      "<Holiday><Month>12</Month><Day>25</Day></Holiday><WeekendSchedule>2</WeekendSchedule>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content: "",
    check: (answer) => assert.deepEqual([answer("StartHour"), answer("Tariff")], ["0", "1"]),
  },
};
