import assert from "node:assert/strict";
import { entryOf } from "../../../src/simulators/smart-energy/entry.ts";
import type { TestCase } from "../cases.ts";
import { event } from "../smart-energy-values.ts";

export const testCase: TestCase = {
  wire: {
    operation: "GetDrlcEvents",
    service: "smart-energy",
    request: {},
    result: {
      endpoint: 94,
      role: "SERVER",
      record: [{ eventId: 7, deviceClass: ["WATER_HEATER"], duration: 60, dutyCycle: 50, rawField: [] }],
    },
    response:
      "<Result>OK</Result><Endpoint>94</Endpoint><Role>SERVER</Role><Record><EventId>7</EventId>" +
      "<DeviceClass>WATER_HEATER</DeviceClass><Duration>60</Duration><DutyCycle>50</DutyCycle></Record>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content: "",
    arrange(gateway) {
      gateway.drlc.clear();
      for (const id of [75, 76]) gateway.drlc.add(entryOf(event(id), "issuer_event_id", gateway.schedule.nowMs()));
    },
    check(answer, gateway) {
      assert.deepEqual(answer("EventId"), ["75", "76"]);
      assert.deepEqual(answer("Duration"), ["60", "60"]);
      assert.equal(gateway.drlc.entries.length, 2);
    },
  },
};
