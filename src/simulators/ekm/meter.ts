import { ANSWERS, COMMAND_NAMES, DISPLAY_ITEMS } from "../../ekm/unverified.ts";
import { type Parameters, within } from "./parameters.ts";
import { refuse } from "./refusal.ts";
import { Tariffs } from "./tariffs.ts";

export type MeterVersion = "v3" | "v4" | "v5";

const CT_RATIOS = ["100", "200", "400", "600", "800", "1000", "1200", "1500", "2000", "3000", "4000", "5000"];
const OUTPUT_RATIOS = [1, 2, 4, 5, 8, 10, 16, 20, 25, 40, 50, 80, 100, 200, 400, 800, 1600];
const MINUTE_MS = 60_000;
/** Minutes that are counted one by one when time was not looked at for long; more go in one. */
const MOST_STEPS = 100_000;
const MONTHS = 6;
const NEW_IN_V4 = [
  ...["SetMaxDemandResetInterval", "SetLCD", "SetPulseInputRatio", "SetPulseOutputRatio"],
  ...["SetZeroResettableKWH", "SetRelay"],
];
const READS = ["GetSchedules", "GetTariffData"];

/** What is measured on the three lines. */
export interface Load {
  /** W, negative when it is delivered to the grid; by line. */
  readonly watts: readonly [number, number, number];
}

/** kWh by register, the first for all of them. */
type Registers = [number, number, number, number, number];

/** An Omnimeter: what it keeps, and what commands and time do to it. */
export class SimulatedEkmMeter {
  readonly address: string;
  readonly version: MeterVersion;
  password = "00000000";
  ctRatio = 200;
  maxDemandW = 0;
  maxDemandPeriod = 1;
  maxDemandResetInterval = 0;
  outputRatio = 800;
  display: number[] = [1, 12];
  readonly pulses = [1, 2, 3].map(() => ({ ratio: 1, count: 10 }));
  readonly relays = [1, 2].map(() => ({ held: false, deviates: undefined as boolean | undefined, untilMs: 0 }));
  readonly tariffs = new Tariffs();
  load: Load = { watts: [500, 300, -100] };
  /** Forward registers count both directions, as those of real meters do. */
  readonly forward: Registers = [4583.51, 3000, 1583.51, 0, 0];
  readonly reverse: Registers = [75.9, 75.9, 0, 0, 0];
  resettable = { forward: 12.5, reverse: 1.5 };
  /** The latest complete month first. */
  months: { forward: Registers; reverse: Registers }[] = Array.from({ length: MONTHS }, (_, i) => ({
    forward: [100 + i, 60, 40 + i, 0, 0],
    reverse: [10, 10, 0, 0, 0],
  }));
  /** What the meter's clock is ahead of the given time, in milliseconds. */
  clockOffsetMs: number;
  isClockDamaged = false;
  /** Answers nothing on its bus. */
  isSilent = false;
  readonly executed = new Map<string, number>();
  #countedMs: number;
  #month: number;
  #monthBegan: { forward: Registers; reverse: Registers };

  constructor(
    description: { address: string; version: MeterVersion; clockOffsetMs?: number | undefined },
    nowMs: number,
  ) {
    this.address = description.address;
    this.version = description.version;
    this.clockOffsetMs = description.clockOffsetMs ?? 0;
    this.#countedMs = nowMs;
    this.#month = this.localTime(nowMs).getUTCMonth();
    this.#monthBegan = { forward: [...this.forward], reverse: [...this.reverse] };
  }

  /** The meter's clock, as the UTC fields of a date. */
  localTime(nowMs: number): Date {
    return new Date(nowMs + this.clockOffsetMs);
  }

  isClosed(relay: 0 | 1, nowMs: number): boolean {
    const { held, deviates, untilMs } = this.relays[relay]!;
    return deviates !== undefined && untilMs > nowMs ? deviates : held;
  }

  /** Counts what flowed until now. */
  passTime(nowMs: number): void {
    const stepMs = Math.max(MINUTE_MS, Math.ceil((nowMs - this.#countedMs) / MOST_STEPS));
    while (this.#countedMs < nowMs) {
      const nextMs = Math.min(nowMs, this.#countedMs + stepMs);
      this.#count(this.#countedMs, nextMs - this.#countedMs);
      this.#countedMs = nextMs;
    }
  }

  #count(atMs: number, ms: number): void {
    const local = this.localTime(atMs);
    if (local.getUTCMonth() !== this.#month) this.#closeMonth(local.getUTCMonth());
    const kWh = (watts: number) => (watts * ms) / 3_600_000_000;
    const all = kWh(this.load.watts.reduce((sum, watts) => sum + Math.abs(watts), 0));
    const back = kWh(this.load.watts.reduce((sum, watts) => sum + Math.max(0, -watts), 0));
    const tariff = this.tariffs.tariffAt(local);
    for (const register of [0, tariff]) {
      this.forward[register]! += all;
      this.reverse[register]! += back;
    }
    this.resettable = { forward: this.resettable.forward + all, reverse: this.resettable.reverse + back };
    this.maxDemandW = Math.max(this.maxDemandW, Math.round((all * 3_600_000_000) / ms));
  }

  #closeMonth(month: number): void {
    const used = (now: Registers, began: Registers) => now.map((each, i) => each - began[i]!) as Registers;
    const { forward, reverse } = this.#monthBegan;
    this.months = [
      { forward: used(this.forward, forward), reverse: used(this.reverse, reverse) },
      ...this.months.slice(0, MONTHS - 1),
    ];
    this.#monthBegan = { forward: [...this.forward], reverse: [...this.reverse] };
    this.#month = month;
  }

  /**
   * Does what a command says.
   * @returns what was asked for, of commands that ask
   * @throws Refusal
   */
  execute(command: string, given: Parameters, nowMs: number): Record<string, unknown> | null {
    if (this.isSilent) refuse("no valid response");
    const run = COMMANDS[command];
    if (!run) refuse(`unknown command ${command}`);
    if (this.version === "v3" && NEW_IN_V4.includes(command)) refuse(`${command} is not supported by this meter`);
    if (!READS.includes(command)) {
      const password = given.has("meter_password") ? given.text("meter_password") : "00000000";
      if (password !== this.password) refuse("password was not acknowledged");
    }
    this.passTime(nowMs);
    const data = run(this, given, nowMs);
    this.executed.set(command, (this.executed.get(command) ?? 0) + 1);
    return (data ?? null) as Record<string, unknown> | null;
  }
}

/** Gives what a command that asks asks for; what others give means nothing. */
type Run = (meter: SimulatedEkmMeter, given: Parameters, nowMs: number) => unknown;

const COMMANDS: Readonly<Record<string, Run>> = {
  SetMeterPassword(meter, given) {
    const password = given.text("new_password");
    if (!/^\d{8}$/.test(password)) refuse("a password has 8 digits");
    meter.password = password;
  },
  SetCTRatio(meter, given) {
    const ratio = given.text("ct_ratio");
    if (!CT_RATIOS.includes(ratio)) refuse("CT ratio not allowed");
    meter.ctRatio = Number(ratio);
  },
  SetTime(meter, given, nowMs) {
    const [year, month, day] = [given.digits("year"), given.digits("month"), given.digits("day")];
    const [hour, minutes, seconds] = [given.digits("hour"), given.digits("minutes"), given.digits("seconds")];
    within("month", month, 1, 12);
    within("hour", hour, 0, 23);
    within("minutes", minutes, 0, 59);
    within("seconds", seconds, 0, 59);
    within("year", year, 2000, 2099);
    const local = new Date(Date.UTC(year, month - 1, day, hour, minutes, seconds));
    if (day < 1 || local.getUTCDate() !== day) refuse("day out of range");
    meter.clockOffsetMs = local.getTime() - nowMs;
    meter.isClockDamaged = false;
  },
  SetMaxDemandResetInterval(meter, given) {
    meter.maxDemandResetInterval = within("interval", given.whole("interval"), 0, 4);
  },
  SetMaxDemandResetNow(meter) {
    meter.maxDemandW = 0;
  },
  SetMaxDemandPeriod(meter, given) {
    meter.maxDemandPeriod = within("max demand period", given.whole("max_demand_period"), 1, 3);
  },
  SetLCD(meter, given) {
    const numbers = Object.values<number>(DISPLAY_ITEMS);
    const items = given.list("display_fields").map((item) => {
      const number = typeof item === "string" ? DISPLAY_ITEMS[item as keyof typeof DISPLAY_ITEMS] : item;
      return numbers.includes(number as number) ? (number as number) : refuse("unknown display field");
    });
    within("number of display fields", items.length, 1, 40);
    meter.display = items;
  },
  SetPulseInputRatio(meter, given) {
    const line = within("pulse line", given.whole("pulse_line"), 1, 3);
    meter.pulses[line - 1]!.ratio = within("pulse input ratio", given.whole("pulse_input_ratio"), 0, 9999);
  },
  SetPulseOutputRatio(meter, given) {
    within("pulse line", given.whole("pulse_line"), 1, 3);
    const ratio = given.whole("pulse_output_ratio");
    if (!OUTPUT_RATIOS.includes(ratio)) refuse("pulse output ratio not allowed");
    meter.outputRatio = ratio;
  },
  SetZeroResettableKWH(meter) {
    meter.resettable = { forward: 0, reverse: 0 };
  },
  SetRelay(meter, given, nowMs) {
    const number = ["relay_1", "relay_2"].indexOf(given.text("relay").toLowerCase());
    const status = ["open", "close"].indexOf(given.text("status"));
    const durationS = within("duration", given.has("duration") ? given.whole("duration") : 0, 0, 9999);
    const relay = meter.relays[number] ?? refuse("unknown relay");
    if (status < 0) refuse("unknown relay status");
    const closed = status === 1;
    if (durationS === 0) Object.assign(relay, { held: closed, deviates: undefined });
    else Object.assign(relay, { deviates: closed, untilMs: nowMs + durationS * 1000 });
  },
  SetHolidayDates: (meter, given) => meter.tariffs.setHolidays(given),
  SetSchedule: (meter, given) => meter.tariffs.setSchedule(given),
  SetWeekendHolidaySchedules: (meter, given) => meter.tariffs.setWeekendAndHolidays(given),
  [COMMAND_NAMES.seasons]: (meter, given) => meter.tariffs.setSeasons(given),
  GetSchedules: (meter) => meter.tariffs.describe(),
  GetTariffData(meter) {
    const block = (direction: "forward" | "reverse") => {
      const data: Record<string, number> = {};
      for (const [i, month] of meter.months.entries()) {
        const [total, ...tariffs] = month[direction].map((kWh) => Math.round(kWh * 100) / 100);
        data[ANSWERS.monthTotal(i + 1)] = total!;
        for (const [j, kWh] of tariffs.entries()) data[ANSWERS.monthTariff(i + 1, j + 1)] = kWh;
      }
      return data;
    };
    return { [ANSWERS.forwardMonths]: block("forward"), [ANSWERS.reverseMonths]: block("reverse") };
  },
};

/** Whether a command is known at all. */
export function isCommand(name: string): boolean {
  return Object.hasOwn(COMMANDS, name);
}
