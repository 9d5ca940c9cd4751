import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "CreateDrlcEvent",
    service: "smart-energy",
    content:
      "<$:Endpoint>94</$:Endpoint><$:Record><$:EventId>4294967295</$:EventId><$:DeviceClass>WATER_HEATER</$:DeviceClass>" +
      "<$:EnrollmentGroup>5</$:EnrollmentGroup><$:StartTime>2026-01-31T10:00:00+01:00</$:StartTime>" +
      "<$:Duration>1440</$:Duration><$:Criticality>EMERGENCY</$:Criticality>" +
      "<$:HeatingTemperatureOffset>25.4</$:HeatingTemperatureOffset>" +
      "<$:CoolingTemperatureSetPoint>-273.15</$:CoolingTemperatureSetPoint>" +
      "<$:AverageLoadAdjustment>-100</$:AverageLoadAdjustment><$:DutyCycle>0</$:DutyCycle>" +
      "<$:RandomiseEnd>false</$:RandomiseEnd>" +
      "<$:RawField><$:Name>event_control</$:Name><$:Value>0xF0</$:Value></$:RawField></$:Record>",
    request: {
      endpoint: 94,
      record: {
        ...{ eventId: 4_294_967_295, deviceClass: ["WATER_HEATER"], enrollmentGroup: 5 },
        ...{ startTimeMs: Date.UTC(2026, 0, 31, 9), duration: 1440, criticality: "EMERGENCY" },
        ...{ heatingTemperatureOffset: "25.4", coolingTemperatureSetPoint: "-273.15", averageLoadAdjustment: -100 },
        ...{ dutyCycle: 0, randomiseEnd: false, rawField: [{ name: "event_control", value: "0xF0" }] },
      },
    },
    result: {
      endpoint: 94,
      record: {
        ...{ eventId: 1, deviceClass: [], startTimeMs: Date.UTC(2026, 0, 31, 9), duration: 60 },
        ...{ coolingTemperatureOffset: "1.5", rawField: [{ name: "device_class", value: "0xF000" }] },
      },
      recipient: ["0013A200400A0001"],
    },
    response:
      "<Result>OK</Result><Endpoint>94</Endpoint><Record><EventId>1</EventId>" +
      "<StartTime>2026-01-31T09:00:00.000Z</StartTime><Duration>60</Duration>" +
      "<CoolingTemperatureOffset>1.5</CoolingTemperatureOffset>" +
      "<RawField><Name>device_class</Name><Value>0xF000</Value></RawField></Record>" +
      "<Recipient>0013A200400A0001</Recipient>",
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    content:
      "<$:Record><$:EventId>7</$:EventId><$:DeviceClass>WATER_HEATER</$:DeviceClass><$:Duration>60</$:Duration>" +
      "<$:CoolingTemperatureSetPoint>-0.5</$:CoolingTemperatureSetPoint></$:Record>",
    check(answer, { drlc }) {
      assert.deepEqual(answer("EventId"), ["7"]);
      assert.deepEqual(answer("CoolingTemperatureSetPoint"), ["-0.50"]);
      assert.equal(drlc.find(7)?.values.cooling_temperature_set_point, -50);
      assert.equal(answer("Recipient").length, 1);
    },
  },
};
