import { readMeter } from "../../../operations/ekm/read-meter.ts";
import type { EkmLine, EkmReading } from "../../../operations/ekm.ts";
import type { ekmMeterSettings as wire } from "../../generated/index.ts";
import { printable } from "../values.ts";
import { wireForm } from "../wire-form.ts";

/** Without what is undefined: an absent element has no property. */
function present<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as never;
}

function fromLine(line: EkmLine): wire.Line {
  return present({
    Number: line.number,
    Voltage: line.voltageV,
    Current: line.currentA,
    Power: line.powerW,
    ReactivePower: line.reactivePowerVar,
    PowerFactor: line.powerFactor,
    PowerFactorKind: line.powerFactorKind,
    Import: line.importKwh,
    Export: line.exportKwh,
  });
}

function fromReading(reading: EkmReading): wire.Reading {
  const { energyKwh: energy, maximumDemand: demand } = reading;
  return present({
    Time: new Date(reading.timeMs),
    MeterTime: reading.meterTime,
    Model: reading.model && printable(reading.model),
    Firmware: reading.firmware && printable(reading.firmware),
    Energy: present({
      Import: energy.import,
      Export: energy.export,
      Total: energy.total,
      ResettableTotal: energy.resettableTotal,
      ResettableExport: energy.resettableExport,
      ReactiveTotal: energy.reactiveTotal,
    }),
    Tariff: reading.tariffsKwh.map((each) =>
      present({ Tariff: each.tariff, Import: each.import, Export: each.export }),
    ),
    Line: reading.lines.map(fromLine),
    PowerTotal: reading.powerTotalW,
    ReactivePowerTotal: reading.reactivePowerTotalVar,
    Frequency: reading.frequencyHz,
    MaximumDemand:
      demand &&
      present({ Power: demand.powerW, PeriodMinutes: demand.periodMinutes, ResetInterval: demand.resetInterval }),
    CtRatio: reading.ctRatio,
    PulseOutputRatio: reading.pulseOutputRatio,
    PulseInput: reading.pulseInputs.map(({ line, count, ratio, isLow }) =>
      present({ PulseLine: line, Count: count, Ratio: ratio, IsLow: isLow }),
    ),
    RelayState: reading.relays.map(({ relay, status }) => ({ Relay: relay, Status: status })),
  });
}

export const readMeterForm = wireForm(readMeter, "ekm-meter-settings:ReadMeter", {
  request: ({ Count }) => ({ count: Count }),
  response: ({ readings }) => ({ Result: "OK", Reading: readings.map(fromReading) }),
});
