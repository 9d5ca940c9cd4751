import type { Answer } from "./answer.ts";
import { refusal } from "./answer.ts";
import { type MeterState, stampOf } from "./state.ts";

/** What a register counts: so much a second, by the hour of the day in thousandths. */
interface Register {
  readonly name: string;
  readonly type: string;
  readonly did?: number;
  /** Counts a second at a weight of 1000. */
  readonly perSecond: bigint;
  /** Of what the rate has one. */
  readonly rateDivisor: number;
  readonly weights: readonly number[];
}

const FLAT = Array.from({ length: 24 }, () => 1000);
const DAY = [
  400, 380, 370, 370, 390, 450, 700, 1100, 1200, 1000, 900, 880, 950, 980, 940, 900, 1000, 1400, 1900, 2000, 1700, 1300,
  900, 600,
];
const SUN = [0, 0, 0, 0, 0, 0, 100, 400, 900, 1400, 1800, 2000, 2000, 1800, 1500, 1000, 500, 100, 0, 0, 0, 0, 0, 0];

const counted = (
  name: string,
  type: string,
  did: number,
  perSecond: number,
  weights = FLAT,
  rateDivisor = 1,
): Register => ({
  ...{ name, type, did, perSecond: BigInt(perSecond), weights, rateDivisor },
});

/** What is measured: net and one-way power, volts, hertz, degrees, a remote one, and one that is computed. */
const REGISTERS: readonly Register[] = [
  counted("Grid", "P", 1, -600, DAY),
  counted("Grid+", "P", 2, 700, DAY),
  counted("Grid-", "P", 3, 1300, SUN),
  counted("Solar", "P", 4, 2400, SUN),
  counted("L1 Voltage", "V", 5, 230_400, FLAT, 1000),
  counted("Frequency", "F", 6, 49_998, FLAT, 1000),
  counted("Outdoor", "T", 7, 5_335, FLAT, 1000),
  counted("Heat Pump", "P", 8, 900, DAY),
  { name: "Usage", type: "P", perSecond: 1500n, weights: DAY, rateDivisor: 1 },
];

const DAY_SECONDS = 86_400n;
const HOUR_SECONDS = 3_600n;
const WRAP = 63;

/** Counts since the beginning of 1970, by the hour's weights. */
function countsUntil({ perSecond, weights }: Register, second: bigint): bigint {
  const perDay = weights.reduce((sum, weight) => sum + BigInt(weight) * HOUR_SECONDS, 0n);
  const [days, left] = [second / DAY_SECONDS, second % DAY_SECONDS];
  let weighted = days * perDay;
  for (const [hour, weight] of weights.entries()) {
    const inHour = left - BigInt(hour) * HOUR_SECONDS;
    if (inHour > 0n) weighted += BigInt(weight) * (inHour < HOUR_SECONDS ? inHour : HOUR_SECONDS);
  }
  return (perSecond * weighted) / 1000n;
}

/** The registers of a meter and what they held. */
export class Registers {
  readonly #state: MeterState;
  /** Added to what follows from the time, by database id. */
  readonly #offsets = new Map<number, bigint>();
  /** Nothing is kept from before; seconds since 1970. */
  #keptFrom: bigint;
  /** Seconds between rows that are kept, where it is not as asked for. */
  coarse: number | undefined;
  /** Registers that are gone. */
  readonly gone = new Set<string>();

  constructor(state: MeterState) {
    this.#state = state;
    const now = this.#second();
    this.#keptFrom = now - 400n * DAY_SECONDS;
    // They began to count when the database was made.
    for (const register of REGISTERS) {
      if (register.did !== undefined) this.#offsets.set(register.did, -countsUntil(register, this.#keptFrom));
    }
  }

  get databaseIds(): readonly number[] {
    return REGISTERS.flatMap(({ did }) => (did === undefined ? [] : [did]));
  }

  #second(): bigint {
    return BigInt(Math.floor(this.#state.timeMs / 1000));
  }

  #counter(register: Register, second: bigint): bigint {
    const { did } = register;
    if (did !== undefined) return BigInt.asIntN(WRAP, countsUntil(register, second) + (this.#offsets.get(did) ?? 0n));
    // The computed one is what comes in and what is made.
    const [grid, solar] = [REGISTERS[0]!, REGISTERS[3]!];
    return this.#counter(grid, second) + this.#counter(solar, second);
  }

  /** A register's counter now, by its name. */
  counterOf(name: string): bigint {
    return this.#counter(REGISTERS.find((register) => register.name === name)!, this.#second());
  }

  /** Lets registers begin at zero again; those without rows have none from before. */
  zero(databaseIds: readonly number[]): void {
    for (const register of REGISTERS) {
      if (register.did === undefined || !databaseIds.includes(register.did)) continue;
      this.#offsets.set(register.did, -countsUntil(register, this.#second()));
    }
    if (databaseIds.length === this.databaseIds.length) this.#keptFrom = this.#second();
  }

  /** Moves what the net register has gained to its positive one. */
  split(): void {
    const gained = this.counterOf("Grid");
    if (gained > 0n) this.#offsets.set(2, (this.#offsets.get(2) ?? 0n) + gained);
  }

  /** Rows that are kept reach back to there afterwards. */
  restore(): void {
    this.#keptFrom -= 400n * DAY_SECONDS;
  }

  get keptFromMs(): number {
    return Number(this.#keptFrom) * 1000;
  }

  /** What is answered at /register. Parameters are worked off in their order; a plus sign may have come as a blank. */
  answer(query: string): Answer {
    let chosen: readonly Register[] = [];
    let isVirtual = false;
    let withRate = false;
    const ranges: object[] = [];
    for (const [name, value] of new URLSearchParams(query)) {
      if (name === "virtual") isVirtual = value === "value";
      else if (name === "rate") withRate = true;
      else if (name === "reg") chosen = this.#choose(value);
      else if (name === "time") {
        const columns = chosen.filter(({ did }) => did !== undefined || isVirtual);
        for (const range of value.split(",")) {
          const rows = this.#range(range, columns);
          if (!rows) return refusal(`Invalid time range: ${range}`);
          if (rows.rows.length > 0) ranges.push(rows);
        }
      }
    }
    const second = this.#second();
    const weightOf = ({ weights }: Register) => weights[Number((second % DAY_SECONDS) / HOUR_SECONDS)]!;
    const registers = chosen
      .filter(({ did }) => did !== undefined || isVirtual)
      .map((register) => ({
        name: register.name,
        type: register.type,
        idx: REGISTERS.indexOf(register),
        ...(register.did !== undefined && { did: register.did }),
        ...(withRate &&
          register.did !== undefined && {
            rate: (Number(register.perSecond) * weightOf(register)) / 1000 / register.rateDivisor,
          }),
      }));
    return { status: 200, body: { ts: this.#state.stamp, registers, ...(ranges.length > 0 && { ranges }) } };
  }

  /** `all`, `none`, or places: `3`, `0:4`, joined by plus and minus. */
  #choose(text: string): readonly Register[] {
    const chosen = new Set<number>();
    for (const [, sign, item = ""] of text.matchAll(/([+ -]?)(all|none|\d+(?::\d+)?)/g)) {
      const [from = 0, to = from] = item.split(":").map(Number);
      const places = item === "all" ? REGISTERS.map((_, i) => i) : [];
      if (/^\d/.test(item)) for (let place = from; place <= to; place++) places.push(place);
      for (const place of places) sign === "-" ? chosen.delete(place) : chosen.add(place);
    }
    return REGISTERS.filter((register, i) => chosen.has(i) && !this.gone.has(register.name));
  }

  #range(text: string, columns: readonly Register[]): { ts: string; delta: number; rows: string[][] } | undefined {
    const parts = text.split(":").map((part) => this.#moment(part));
    if (parts.length === 2 || parts.length > 3 || parts.some((part) => part === undefined)) return undefined;
    const [from = 0n, step = 1n, to = from] = parts as bigint[];
    const delta = this.coarse === undefined ? step : BigInt(this.coarse);
    if (delta <= 0n) return undefined;
    const last = to < this.#second() ? to : this.#second();
    const rows: string[][] = [];
    for (let second = last; second >= from && second >= this.#keptFrom; second -= delta) {
      rows.push(columns.map((column) => String(this.#counter(column, second))));
    }
    return { ts: stampOf(Number(last) * 1000).replace(/\..*/, ""), delta: Number(delta), rows };
  }

  #moment(text: string): bigint | undefined {
    if (/^\d+(\.\d+)?$/.test(text)) return BigInt(text.split(".")[0]!);
    const [, word, sign, offset = "0"] = /^(now|epoch|sod)(?:([+ -])(\d+))?$/.exec(text) ?? [];
    if (word === undefined) return undefined;
    const now = this.#second();
    const base = word === "now" ? now : word === "epoch" ? this.#keptFrom : now - (now % DAY_SECONDS);
    return sign === "-" ? base - BigInt(offset) : base + BigInt(offset);
  }
}
