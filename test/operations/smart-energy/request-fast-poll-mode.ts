import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";
import { NINE } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "RequestFastPollMode",
    service: "smart-energy",
    content:
      "<$:MeterAddress>0013A200400B0001</$:MeterAddress><$:MeterEndpoint>1</$:MeterEndpoint><$:Record>" +
      "<$:UpdatePeriod>2</$:UpdatePeriod><$:Duration>15</$:Duration></$:Record>",
    request: {
      meterAddress: "0013A200400B0001",
      meterEndpoint: 1,
      record: { updatePeriod: 2, duration: 15, rawField: [] },
    },
    result: { meterAddress: "0013A200400B0001", record: { updatePeriod: 5, endTimeMs: NINE, rawField: [] } },
    response:
      "<Result>OK</Result><MeterAddress>0013A200400B0001</MeterAddress><Record><UpdatePeriod>5" +
      "</UpdatePeriod><EndTime>2026-01-31T09:00:00.000Z</EndTime></Record>",
  },
  smartEnergy: {
    expected: ["416", "416", "yes"],
    content:
      "<$:MeterAddress>0013A200400B0001</$:MeterAddress><$:MeterEndpoint>1</$:MeterEndpoint><$:Record>" +
      "<$:UpdatePeriod>2</$:UpdatePeriod><$:Duration>10</$:Duration></$:Record>",
    check(answer, gateway) {
      assert.deepEqual(answer("UpdatePeriod"), ["5"]);
      assert.equal(answer("MeterAddress")[0], gateway.meters[0]!.description.mac);
    },
  },
};
