import { asNumber } from "../../../dlms/data.ts";
import type { DecimalText } from "../../../lib/decimal.ts";
import type { MeterTimes } from "../../../operations/readings.ts";
import type { ProfileRow } from "./profile-rows.ts";
import { scaled, type Unscaled, unscaled } from "./scaler-unit.ts";

/** A column that is nearly always the same as in the row before: null where the meter did not tell. */
class Runs {
  readonly #values: (number | null)[] = [];
  readonly #lengths: number[] = [];

  push(value: number | null): void {
    const last = this.#values.length - 1;
    if (last >= 0 && this.#values[last] === value) this.#lengths[last]!++;
    else {
      this.#values.push(value);
      this.#lengths.push(1);
    }
  }

  /** One for each row; undefined when nothing was ever told. */
  toColumn(): (number | null)[] | undefined {
    if (this.#values.every((value) => value === null)) return undefined;
    return this.#values.flatMap((value, i) => new Array<number | null>(this.#lengths[i]!).fill(value));
  }
}

/** Reads by column: of each row only numbers are kept, so that a year of them takes little more than its octets. */
export class ReadColumns {
  readonly #places: readonly number[];
  readonly #statusPlace: number;
  readonly #epochMs: number[] = [];
  readonly #deviations = new Runs();
  readonly #clockStatuses = new Runs();
  readonly #statuses = new Runs();
  readonly #values: readonly (Unscaled | null)[][];
  #isInOrder = true;

  /**
   * @param places of the values in a row
   * @param statusPlace that of the status, −1 for none
   */
  constructor(places: readonly number[], statusPlace: number) {
    this.#places = places;
    this.#statusPlace = statusPlace;
    this.#values = places.map(() => []);
  }

  /** @throws DlmsError `remote/unexpected-type` for a value or a status that is no number */
  add({ time, values }: ProfileRow): void {
    const { epochMs, deviationMinutes, clockStatus } = time;
    this.#isInOrder &&= this.#epochMs.length === 0 || this.#epochMs.at(-1)! <= epochMs;
    this.#epochMs.push(epochMs);
    this.#deviations.push(deviationMinutes ?? null);
    this.#clockStatuses.push(clockStatus ?? null);
    const status = values[this.#statusPlace];
    this.#statuses.push(status === undefined || status.type === "null-data" ? null : asNumber(status, "status"));
    for (let i = 0; i < this.#places.length; i++) {
      const data = values[this.#places[i]!];
      this.#values[i]!.push((data && unscaled(data)) ?? null);
    }
  }

  /** How many rows there are. */
  get length(): number {
    return this.#epochMs.length;
  }

  /** By time, and those of the same time as they came: after a clock was set, that may not be the same. */
  toColumns(scalers: readonly number[]): {
    readonly times: MeterTimes;
    readonly statuses: readonly (number | null)[] | undefined;
    readonly values: readonly (readonly (DecimalText | null)[])[];
  } {
    const epochMs = this.#epochMs;
    const order = this.#isInOrder ? undefined : epochMs.map((_, i) => i).sort((a, b) => epochMs[a]! - epochMs[b]!);
    const ordered = <T>(column: readonly T[]): readonly T[] => order?.map((i) => column[i]!) ?? column;
    const told = (runs: Runs) => {
      const column = runs.toColumn();
      return column && ordered(column);
    };
    return {
      times: {
        epochMs: ordered(epochMs),
        deviationMinutes: told(this.#deviations),
        clockStatus: told(this.#clockStatuses),
      },
      statuses: told(this.#statuses),
      values: this.#values.map((column, i) =>
        ordered(column).map((value) => (value === null ? null : scaled(value, scalers[i]!))),
      ),
    };
  }
}
