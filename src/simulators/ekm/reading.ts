import { PULSE_OUTPUT_FIELD } from "../../ekm/unverified.ts";
import type { SimulatedEkmMeter } from "./meter.ts";

const MODELS = { v3: "1017", v4: "1024", v5: "1024" } as const;
/** FFF, FFR, FRF, RFF, FRR, RFR, RRF, RRR */
const DIRECTIONS = ["000", "001", "010", "100", "011", "101", "110", "111"];
const VOLTS = 120.1;

const two = (value: number) => String(value).padStart(2, "0");

/** What a gateway tells of a meter at a moment, as the cloud gives it: all of it as text. */
export function readingOf(meter: SimulatedEkmMeter, nowMs: number): Record<string, string> {
  meter.passTime(nowMs);
  const local = meter.localTime(nowMs);
  const { watts } = meter.load;
  const sum = watts.reduce((total, each) => total + each, 0);
  const fields: Record<string, string | number> = {
    Good: 1,
    Date: `${two(local.getUTCMonth() + 1)}/${two(local.getUTCDate())}/${local.getUTCFullYear()}`,
    Time: `${two(local.getUTCHours())}:${two(local.getUTCMinutes())}:${two(local.getUTCSeconds())}`,
    Time_Stamp_UTC_ms: nowMs,
    Firmware: "17",
    Model: MODELS[meter.version],
    kWh_Tot: meter.forward[0].toFixed(2),
    Rev_kWh_Tot: meter.reverse[0].toFixed(2),
    RMS_Watts_Tot: Math.abs(sum),
    RMS_Watts_Max_Demand: meter.maxDemandW,
    Max_Demand_Period: meter.maxDemandPeriod,
    CT_Ratio: meter.ctRatio,
    Meter_Time: meter.isClockDamaged ? "??????????????" : meterTime(local),
  };
  for (const [i, { count, ratio }] of meter.pulses.entries()) {
    fields[`Pulse_Cnt_${i + 1}`] = count;
    fields[`Pulse_Ratio_${i + 1}`] = ratio;
  }
  for (const tariff of [1, 2, 3, 4] as const) {
    fields[`kWh_Tariff_${tariff}`] = meter.forward[tariff].toFixed(2);
    fields[`Rev_kWh_Tariff_${tariff}`] = meter.reverse[tariff].toFixed(2);
  }
  for (const [i, each] of watts.entries()) {
    fields[`RMS_Volts_Ln_${i + 1}`] = VOLTS;
    fields[`Amps_Ln_${i + 1}`] = (Math.abs(each) / VOLTS).toFixed(1);
    fields[`RMS_Watts_Ln_${i + 1}`] = Math.abs(each);
    fields[`Cos_Theta_Ln_${i + 1}`] = "L083";
  }
  if (meter.version === "v3") fields.State_Inputs = "000";
  else Object.assign(fields, ofV4(meter, nowMs, sum));
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));
}

function ofV4(meter: SimulatedEkmMeter, nowMs: number, sum: number): Record<string, string | number> {
  const { watts } = meter.load;
  const closed = (relay: 0 | 1) => Number(meter.isClosed(relay, nowMs));
  const fields: Record<string, string | number> = {
    kWh_Rst: meter.resettable.forward.toFixed(2),
    Rev_kWh_Rst: meter.resettable.reverse.toFixed(2),
    Reactive_Energy_Tot: "36.40",
    Reactive_Pwr_Tot: 30,
    Net_Calc_Watts_Tot: sum,
    Line_Freq: "60.01",
    Max_Demand_Rst: meter.maxDemandResetInterval,
    [PULSE_OUTPUT_FIELD]: meter.outputRatio,
    State_Inputs: 0,
    State_Watts_Dir: DIRECTIONS.indexOf(watts.map((each) => (each < 0 ? "1" : "0")).join("")) + 1,
    State_Out: 1 + 2 * closed(0) + closed(1),
    kWh_Scale: 2,
  };
  for (const [i, each] of watts.entries()) {
    fields[`kWh_Ln_${i + 1}`] = (meter.forward[0] / 3).toFixed(2);
    fields[`Rev_kWh_Ln_${i + 1}`] = (meter.reverse[0] / 3).toFixed(2);
    fields[`Net_Calc_Watts_Ln_${i + 1}`] = each;
    fields[`Reactive_Pwr_Ln_${i + 1}`] = 10;
  }
  return fields;
}

/** Fourteen digits: date, day of the week with Sunday first, time. */
function meterTime(local: Date): string {
  const date = [local.getUTCFullYear() % 100, local.getUTCMonth() + 1, local.getUTCDate()];
  const time = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()];
  return [...date, local.getUTCDay() + 1, ...time].map(two).join("");
}
