import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "ReadRegisters",
    service: "egauge-commands",
    content:
      "<$:RegisterName>Grid</$:RegisterName><$:Period><$:From>2026-01-09T13:00:00Z</$:From>" +
      "<$:To>2026-01-09T13:30:00Z</$:To><$:IntervalSeconds>900</$:IntervalSeconds></$:Period>",
    request: {
      names: ["Grid"],
      period: { fromMs: Date.UTC(2026, 0, 9, 13), toMs: Date.UTC(2026, 0, 9, 13, 30), intervalSeconds: 900 },
    },
    result: {
      meterTimeMs: Date.UTC(2026, 0, 9, 13, 31),
      registers: [
        { name: "Grid", type: "P", databaseId: 3, isVirtual: false, unit: "W", totalUnit: "kWh", rate: "-1250.5" },
        { name: "new \u0007", type: "zz", isVirtual: true },
      ],
      readings: [
        { timeMs: Date.UTC(2026, 0, 9, 13), register: 0, counter: "-9223372036854775808", total: "-19643.68697083" },
        { timeMs: Date.UTC(2026, 0, 9, 13, 15), register: 1, counter: "12", average: "0.5" },
      ],
    },
    response:
      "<Result>OK</Result><MeterTime>2026-01-09T13:31:00.000Z</MeterTime><Register><Name>Grid</Name><Type>P</Type>" +
      "<DatabaseId>3</DatabaseId><Virtual>false</Virtual><Unit>W</Unit><TotalUnit>kWh</TotalUnit><Rate>-1250.5</Rate>" +
      "</Register><Register><Name>new \uFFFD</Name><Type>zz</Type><Virtual>true</Virtual></Register>" +
      "<Reading><Time>2026-01-09T13:00:00.000Z</Time><Register>1</Register><Counter>-9223372036854775808</Counter>" +
      "<Total>-19643.68697083</Total></Reading><Reading><Time>2026-01-09T13:15:00.000Z</Time><Register>2</Register>" +
      "<Counter>12</Counter><Average>0.5</Average></Reading>",
  },
  egauge: {
    content: "<$:RegisterName>Grid</$:RegisterName>",
    check(answer) {
      assert.deepEqual([answer("Name"), answer("Type"), answer("Unit")], ["Grid", "P", "W"]);
    },
  },
};
