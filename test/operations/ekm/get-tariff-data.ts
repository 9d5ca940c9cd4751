import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetTariffData",
    service: "ekm-meter-settings",
    content: "",
    request: {},
    result: { months: [{ monthsAgo: 6, forward: { totalKwh: "100.50", tariffsKwh: ["60", "40.50", "0", "0"] } }] },
    response:
      "<Result>OK</Result><Month><MonthsAgo>6</MonthsAgo><Forward><Total>100.50</Total><Tariff1>60</Tariff1><Tariff2>40.50</Tariff2>" +
      "<Tariff3>0</Tariff3><Tariff4>0</Tariff4></Forward></Month>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content: "",
    check: (answer) => assert.deepEqual([answer("MonthsAgo"), answer("Total")], ["1", "100"]),
  },
};
