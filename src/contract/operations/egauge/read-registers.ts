import { type RegisterReadings, readRegisters } from "../../../operations/egauge/read-registers.ts";
import type { egaugeCommands as wire } from "../../generated/index.ts";
import { printable } from "../values.ts";
import { wireForm } from "../wire-form.ts";

function fromRegister({ databaseId, unit, totalUnit, rate, ...register }: RegisterReadings["registers"][number]) {
  return {
    Name: printable(register.name),
    Type: printable(register.type),
    ...(databaseId !== undefined && { DatabaseId: databaseId }),
    Virtual: register.isVirtual,
    ...(unit !== undefined && { Unit: unit }),
    ...(totalUnit !== undefined && { TotalUnit: totalUnit }),
    ...(rate !== undefined && { Rate: rate }),
  } satisfies wire.Register;
}

function fromReading({ timeMs, register, counter, total, average }: RegisterReadings["readings"][number]) {
  return {
    Time: new Date(timeMs),
    Register: register + 1,
    Counter: BigInt(counter),
    ...(total !== undefined && { Total: total }),
    ...(average !== undefined && { Average: average }),
  } satisfies wire.Reading;
}

export const readRegistersForm = wireForm(readRegisters, "egauge-commands:ReadRegisters", {
  request: ({ RegisterName: names, Period: period }) => ({
    names,
    ...(period && {
      period: {
        fromMs: period.From.getTime(),
        toMs: period.To.getTime(),
        intervalSeconds: period.IntervalSeconds,
      },
    }),
  }),
  response: ({ meterTimeMs, registers, readings }) => ({
    Result: "OK",
    MeterTime: new Date(meterTimeMs),
    Register: registers.map(fromRegister),
    Reading: readings.map(fromReading),
  }),
});
