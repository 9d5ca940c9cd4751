import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "ReadMeter",
    service: "ekm-meter-settings",
    content: "<$:Count>1000</$:Count>",
    request: { count: 1000 },
    result: {
      readings: [
        {
          timeMs: Date.UTC(2026, 0, 31),
          meterTime: "2026-01-31T01:00:00",
          model: "1024",
          energyKwh: { import: "4507.61", export: "75.90", total: "4583.51" },
          tariffsKwh: [{ tariff: 1, import: "1.00" }],
          lines: [{ number: 1, voltageV: "120.1", powerW: "-5", powerFactor: "0.83", powerFactorKind: "INDUCTIVE" }],
          maximumDemand: { powerW: "900", periodMinutes: 15 },
          ctRatio: 200,
          pulseInputs: [{ line: 1, count: "7", ratio: 1, isLow: false }],
          relays: [{ relay: "RELAY_1", status: "CLOSED" }],
        },
      ],
    },
    response:
      "<Result>OK</Result><Reading><Time>2026-01-31T00:00:00.000Z</Time><MeterTime>2026-01-31T01:00:00</MeterTime><Model>1024</Model>" +
      "<Energy><Import>4507.61</Import><Export>75.90</Export><Total>4583.51</Total></Energy>" +
      "<Tariff><Tariff>1</Tariff><Import>1.00</Import></Tariff>" +
      "<Line><Number>1</Number><Voltage>120.1</Voltage><Power>-5</Power><PowerFactor>0.83</PowerFactor><PowerFactorKind>INDUCTIVE</PowerFactorKind></Line>" +
      "<MaximumDemand><Power>900</Power><PeriodMinutes>15</PeriodMinutes></MaximumDemand><CtRatio>200</CtRatio>" +
      "<PulseInput><PulseLine>1</PulseLine><Count>7</Count><Ratio>1</Ratio><IsLow>false</IsLow></PulseInput>" +
      "<RelayState><Relay>RELAY_1</Relay><Status>CLOSED</Status></RelayState></Reading>",
  },
  ekm: {
    expected: ["yes", "yes", "yes"],
    content: "<$:Count>2</$:Count>",
    check(answer) {
      assert.ok(Math.abs(Date.parse(answer("Time") ?? "") - Date.now()) < 60_000);
      assert.deepEqual([answer("Export"), answer("Voltage")], ["75.90", "120.1"]);
    },
  },
};
