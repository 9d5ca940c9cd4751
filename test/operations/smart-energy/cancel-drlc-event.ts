import assert from "node:assert/strict";
import { entryOf } from "../../../src/simulators/smart-energy/entry.ts";
import type { TestCase } from "../cases.ts";
import { event, NINE, NODE } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "CancelDrlcEvent",
    service: "smart-energy",
    content:
      "<$:Record><$:EventId>7</$:EventId><$:DeviceClass>WATER_HEATER</$:DeviceClass><$:EnrollmentGroup>5" +
      "</$:EnrollmentGroup><$:EndRandomly>false</$:EndRandomly><$:EffectiveTime>2026-01-31T09:00:00Z" +
      "</$:EffectiveTime></$:Record>",
    request: {
      record: {
        eventId: 7,
        deviceClass: ["WATER_HEATER"],
        enrollmentGroup: 5,
        endRandomly: false,
        effectiveTimeMs: NINE,
        rawField: [],
      },
    },
    result: {
      endpoint: 94,
      record: { eventId: 7, deviceClass: [], endRandomly: true, rawField: [] },
      recipient: [NODE],
    },
    response:
      "<Result>OK</Result><Endpoint>94</Endpoint><Record><EventId>7</EventId><EndRandomly>true" +
      "</EndRandomly></Record><Recipient>0013A200400A0001</Recipient>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "<$:Record><$:EventId>70</$:EventId></$:Record>",
    arrange(gateway) {
      gateway.drlc.add(entryOf(event(70), "issuer_event_id", gateway.schedule.nowMs()));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("EventId"), ["70"]);
      assert.equal(gateway.drlc.find(70), undefined);
    },
  },
};
