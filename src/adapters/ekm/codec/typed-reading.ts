import { PULSE_OUTPUT_FIELD } from "../../../ekm/unverified.ts";
import { type DecimalText, differenceText, shiftDecimal } from "../../../lib/decimal.ts";
import { DEMAND_PERIODS, type EkmLine, type EkmReading, RESET_INTERVALS } from "../../../operations/ekm.ts";
import { type RawReading, relaysOf } from "./readings.ts";

const LINES = [1, 2, 3];
const TARIFFS = [1, 2, 3, 4];
/** What State_Watts_Dir says of the lines, by its number from 1: R for those that deliver. */
const DIRECTIONS = ["FFF", "FFR", "FRF", "RFF", "FRR", "RFR", "RRF", "RRR"];

/** A field as a decimal number; undefined when it is absent or none. */
export function numberOf({ fields }: RawReading, name: string): DecimalText | undefined {
  const text = fields.get(name);
  return text !== undefined && /^-?\d{1,30}(\.\d{1,30})?$/.test(text) ? text : undefined;
}

function wholeOf(reading: RawReading, name: string): number | undefined {
  const text = numberOf(reading, name);
  return text !== undefined && Number.isSafeInteger(Number(text)) ? Number(text) : undefined;
}

/** Forward registers count both directions: what was taken is their difference. */
function importOf(total: DecimalText | undefined, reverse: DecimalText | undefined): DecimalText | undefined {
  return total === undefined || reverse === undefined ? undefined : differenceText(total, reverse);
}

/**
 * What the meter's clock showed: fourteen digits, with the day of the week, Sunday first, between date and time. Clients
 * meet question marks in it when it is damaged. The day of the week is not looked at: writers disagree about it.
 */
export function meterTimeOf({ fields }: RawReading): string | undefined {
  const digits = fields.get("Meter_Time") ?? "";
  const [, yy, month, day, hour, minute, second] = /^(\d\d)(\d\d)(\d\d)\d\d(\d\d)(\d\d)(\d\d)$/.exec(digits) ?? [];
  if (yy === undefined) return undefined;
  const text = `20${yy}-${month}-${day}T${hour}:${minute}:${second}`;
  return Number.isNaN(new Date(`${text}Z`).getTime()) ? undefined : text;
}

/** `C083`, `L 99`, `0.83 C`, ` 100`: a letter for the kind, and hundredths or the factor itself. */
function powerFactorOf({ fields }: RawReading, line: number): Pick<EkmLine, "powerFactor" | "powerFactorKind"> {
  const text = fields.get(`Cos_Theta_Ln_${line}`) ?? "";
  const [digits] = /\d+(\.\d+)?/.exec(text) ?? [];
  if (digits === undefined) return {};
  const powerFactorKind = /C/i.test(text) ? "CAPACITIVE" : /L/i.test(text) ? "INDUCTIVE" : "UNITY";
  return { powerFactor: digits.includes(".") ? digits : shiftDecimal(digits, -2), powerFactorKind };
}

function powerOf(reading: RawReading, line: number): DecimalText | undefined {
  const net = numberOf(reading, `Net_Calc_Watts_Ln_${line}`);
  const power = numberOf(reading, `RMS_Watts_Ln_${line}`);
  if (net !== undefined || power === undefined) return net;
  const direction = DIRECTIONS[(wholeOf(reading, "State_Watts_Dir") ?? 1) - 1] ?? "FFF";
  return direction[line - 1] === "R" && Number(power) > 0 ? `-${power}` : power;
}

function lineOf(reading: RawReading, line: number): EkmLine {
  const exported = numberOf(reading, `Rev_kWh_Ln_${line}`);
  return {
    number: line,
    voltageV: numberOf(reading, `RMS_Volts_Ln_${line}`),
    currentA: numberOf(reading, `Amps_Ln_${line}`),
    powerW: powerOf(reading, line),
    reactivePowerVar: numberOf(reading, `Reactive_Pwr_Ln_${line}`),
    ...powerFactorOf(reading, line),
    importKwh: importOf(numberOf(reading, `kWh_Ln_${line}`), exported),
    exportKwh: exported,
  };
}

/** Whether a pulse input is low: a digit for each in v3, one number with a bit for each in v4. */
function isInputLow({ fields }: RawReading, line: number): boolean | undefined {
  const text = fields.get("State_Inputs") ?? "";
  if (/^[01]{3}$/.test(text)) return text[line - 1] === "1";
  return /^[0-7]$/.test(text) ? (Number(text) & (4 >> (line - 1))) !== 0 : undefined;
}

/** A reading with its values by what they mean. */
export function typedReading(reading: RawReading): EkmReading {
  const { timeMs, fields } = reading;
  const of = (name: string) => numberOf(reading, name);
  const [total, exported] = [of("kWh_Tot"), of("Rev_kWh_Tot")];
  const powerW = of("RMS_Watts_Max_Demand");
  const relays = relaysOf(reading);
  return {
    timeMs,
    meterTime: meterTimeOf(reading),
    model: fields.get("Model"),
    firmware: fields.get("Firmware"),
    energyKwh: {
      import: importOf(total, exported),
      export: exported,
      total,
      resettableTotal: of("kWh_Rst"),
      resettableExport: of("Rev_kWh_Rst"),
      reactiveTotal: of("Reactive_Energy_Tot"),
    },
    tariffsKwh: TARIFFS.map((tariff) => {
      const reverse = of(`Rev_kWh_Tariff_${tariff}`);
      return { tariff, import: importOf(of(`kWh_Tariff_${tariff}`), reverse), export: reverse };
    }),
    lines: LINES.map((line) => lineOf(reading, line)),
    powerTotalW: of("Net_Calc_Watts_Tot") ?? of("RMS_Watts_Tot"),
    reactivePowerTotalVar: of("Reactive_Pwr_Tot"),
    frequencyHz: of("Line_Freq"),
    maximumDemand:
      powerW === undefined
        ? undefined
        : {
            powerW,
            periodMinutes: DEMAND_PERIODS[(wholeOf(reading, "Max_Demand_Period") ?? 0) - 1],
            resetInterval: RESET_INTERVALS[wholeOf(reading, "Max_Demand_Rst") ?? -1],
          },
    ctRatio: wholeOf(reading, "CT_Ratio"),
    pulseOutputRatio: of(PULSE_OUTPUT_FIELD),
    pulseInputs: LINES.map((line) => ({
      line,
      count: of(`Pulse_Cnt_${line}`),
      ratio: wholeOf(reading, `Pulse_Ratio_${line}`),
      isLow: isInputLow(reading, line),
    })),
    relays: relays
      ? (["RELAY_1", "RELAY_2"] as const).map((relay) => ({ relay, status: relays[relay] ? "CLOSED" : "OPEN" }))
      : [],
  };
}
