/** What the first and the last reading in a quarter of an hour told of what counts. */
interface Quarter {
  readonly firstMs: number;
  lastMs: number;
  readonly least: Readonly<Record<string, number>>;
  most: Readonly<Record<string, number>>;
  count: number;
}

const QUARTER_MS = 900_000;
/** Two years of them. */
const MOST_QUARTERS = 70_000;
const COUNTED = ["kWh_Tot", "Rev_kWh_Tot"];

/** What of local times, as `2026-01-31T12:00:00`, a report puts into one row; quarters of an hour are rows as they are. */
const REPORTS: Readonly<Record<string, number>> = { "15": 19, hr: 13, dy: 10, mo: 7 };

export interface SummaryQuery {
  readonly report: string;
  /** Local time of a moment: `2026-01-31T12:00:00`. */
  readonly localTime: (epochMs: number) => string;
  /** `YYYYMMDDhhmm` in local time; rows that begin before, or after, are not told. */
  readonly from: string;
  readonly until: string;
}

/** Readings of one meter, summed up: what the cloud keeps of them for longer than of each. */
export class History {
  readonly #quarters = new Map<number, Quarter>();

  add(fields: Readonly<Record<string, string>>, atMs: number): void {
    const counted = Object.fromEntries(COUNTED.map((name) => [name, Number(fields[name])]));
    const quarter = Math.floor(atMs / QUARTER_MS);
    const known = this.#quarters.get(quarter);
    if (known) {
      Object.assign(known, { lastMs: atMs, most: counted, count: known.count + 1 });
      return;
    }
    this.#quarters.set(quarter, { firstMs: atMs, lastMs: atMs, least: counted, most: counted, count: 1 });
    const [oldest] = this.#quarters.keys();
    if (this.#quarters.size > MOST_QUARTERS && oldest !== undefined) this.#quarters.delete(oldest);
  }

  /** Rows of a report, the latest first; undefined when there is no such report. */
  summarize({ report, localTime, from, until }: SummaryQuery): Record<string, number>[] | undefined {
    const length = REPORTS[report];
    if (length === undefined) return undefined;
    const rows = new Map<string, Quarter>();
    for (const quarter of this.#quarters.values()) {
      const local = localTime(quarter.firstMs);
      const minutes = local.slice(0, 16).replace(/\D/g, "");
      if (minutes < from || minutes > until) continue;
      const key = local.slice(0, length);
      const known = rows.get(key);
      if (known) {
        Object.assign(known, { lastMs: quarter.lastMs, most: quarter.most, count: known.count + quarter.count });
      } else rows.set(key, { ...quarter });
    }
    return [...rows.values()].reverse().map(shown);
  }
}

function shown({ firstMs, lastMs, least, most, count }: Quarter): Record<string, number> {
  const told: Record<string, number> = {
    Start_Time_Stamp_UTC_ms: firstMs,
    End_Time_Stamp_UTC_ms: lastMs,
    Count: count,
  };
  for (const name of COUNTED) {
    told[`${name}_Min`] = least[name]!;
    told[`${name}_Max`] = most[name]!;
    told[`${name}_Diff`] = Math.round((most[name]! - least[name]!) * 100) / 100;
  }
  return told;
}
