import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";
import { NINE } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetMeterProfile",
    service: "smart-energy",
    content:
      "<$:MeterAddress>0013A200400B0001</$:MeterAddress><$:MeterEndpoint>1</$:MeterEndpoint><$:Endpoint>94" +
      "</$:Endpoint><$:Record><$:IntervalChannel>DELIVERED</$:IntervalChannel>" +
      "<$:EndTime>2026-01-31T09:00:00Z</$:EndTime><$:NumberOfPeriods>4</$:NumberOfPeriods>" +
      "<$:StartTime>2026-01-31T08:00:00Z</$:StartTime></$:Record>",
    request: {
      meterAddress: "0013A200400B0001",
      meterEndpoint: 1,
      endpoint: 94,
      record: {
        intervalChannel: "DELIVERED",
        endTimeMs: NINE,
        numberOfPeriods: 4,
        startTimeMs: NINE - 3_600_000,
        rawField: [],
      },
    },
    result: {
      meterAddress: "0013A200400B0001",
      meterEndpoint: 1,
      endpoint: 94,
      record: {
        endTimeMs: NINE,
        status: "SUCCESS",
        intervalPeriod: 900,
        interval: [{ endTimeMs: NINE, increment: 12 }, { endTimeMs: NINE - 900_000 }],
        rawField: [],
      },
    },
    response:
      "<Result>OK</Result><MeterAddress>0013A200400B0001</MeterAddress><MeterEndpoint>1</MeterEndpoint>" +
      "<Endpoint>94</Endpoint><Record><EndTime>2026-01-31T09:00:00.000Z</EndTime><Status>SUCCESS</Status>" +
      "<IntervalPeriod>900</IntervalPeriod><Interval><EndTime>2026-01-31T09:00:00.000Z</EndTime>" +
      "<Increment>12</Increment></Interval><Interval><EndTime>2026-01-31T08:45:00.000Z</EndTime></Interval>" +
      "</Record>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content:
      "<$:MeterAddress>0013A200400B0001</$:MeterAddress><$:MeterEndpoint>1</$:MeterEndpoint><$:Record>" +
      "<$:IntervalChannel>DELIVERED</$:IntervalChannel><$:NumberOfPeriods>4</$:NumberOfPeriods></$:Record>",
    check(answer, gateway) {
      assert.deepEqual(answer("Status"), ["SUCCESS"]);
      assert.deepEqual(answer("IntervalPeriod"), ["900"]);
      // The record and four intervals, each a quarter of an hour before the other; the meter lacks the third.
      assert.equal(answer("EndTime").length, 5);
      const ends = answer("EndTime").map((text) => Date.parse(text));
      assert.deepEqual([ends[0]! - ends[1]!, ends[1]! - ends[2]!], [0, 900_000]);
      const { increment } = gateway.meters[0]!.description;
      assert.deepEqual(
        answer("Increment"),
        ends
          .slice(1)
          .flatMap((end) => increment(end) ?? [])
          .map(String),
      );
    },
  },
};
