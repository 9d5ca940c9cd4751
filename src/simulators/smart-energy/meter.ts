import type { RecordValues } from "../../smart-energy/records.ts";
import { UNVERIFIED } from "../../smart-energy/unverified.ts";
import { fromUtc2000, type MacText, toUtc2000 } from "../../smart-energy/values.ts";

export interface MeterDescription {
  readonly mac: MacText;
  readonly endpoint: number;
  /** Code of the interval between two values of the profile; 3 is a quarter of an hour. */
  readonly periodCode: number;
  /** Most intervals that it gives at once: its attribute 0x0500. */
  readonly mostPeriods: number;
  /** What the delivered register grows by in an interval that ends at a moment; undefined for one that it has not. */
  increment(endMs: number): number | undefined;
  /** Values of attributes of the Metering cluster by number. */
  readonly attributes: ReadonlyMap<number, number>;
}

const PERIOD_SECONDS = [86_400, 3_600, 1_800, 900, 600, 450, 300, 150, 60];
const LONGEST_FAST_POLL_MINUTES = 15;
const FASTEST_SECONDS = 5;
const STATUS = { success: 0, undefinedChannel: 1, notSupported: 2, invalidEnd: 3, tooMany: 4, none: 5 } as const;

/** A meter on the network of a gateway, with a load profile of what it delivered. */
export class SimulatedMeter {
  readonly description: MeterDescription;
  readonly #attributes: Map<number, number>;
  isOnline = true;
  #fastPollEndMs = 0;

  constructor(description: MeterDescription) {
    this.description = description;
    this.#attributes = new Map(description.attributes);
  }

  attribute(id: number): number | undefined {
    return this.#attributes.get(id);
  }

  setAttribute(id: number, value: number): void {
    this.#attributes.set(id, value);
  }

  /**
   * A GetProfileResponseRecord.
   * @param isJoined whether the gateway asks as often as it takes to cover what is wanted (from release 1.5 on)
   */
  profile(values: RecordValues, nowMs: number, isJoined: boolean): RecordValues {
    const { periodCode, mostPeriods, increment } = this.description;
    const { interval_channel: channel, end_time: end = 0, number_of_periods: asked = 0, start_time: start } = values;
    const seconds = PERIOD_SECONDS[periodCode]!;
    const answer = (status: number, endMs = 0, intervals: readonly number[] = []): RecordValues => ({
      ...{ end_time: endMs === 0 ? 0 : toUtc2000(endMs), status, profile_interval_period: periodCode, intervals },
    });
    if (Number(channel) > 1) return answer(STATUS.undefinedChannel);
    if (channel === 1) return answer(STATUS.notSupported);
    const newestMs = toPeriod(nowMs, seconds);
    if (end !== 0 && fromUtc2000(Number(end)) > nowMs) return answer(STATUS.invalidEnd);
    const endMs = end === 0 ? newestMs : Math.min(newestMs, toPeriod(fromUtc2000(Number(end)), seconds));
    const wanted =
      start === undefined ? Number(asked) : Math.floor((endMs - fromUtc2000(Number(start))) / (seconds * 1000));
    const count = isJoined && start !== undefined ? wanted : Math.min(wanted, mostPeriods);
    const intervals: number[] = [];
    for (let i = 0; i < count; i++) {
      const value = increment(endMs - i * seconds * 1000);
      if (value === undefined && i > 0 && increment(endMs - (i + 1) * seconds * 1000) === undefined) break;
      intervals.push(value ?? UNVERIFIED.missingInterval);
    }
    if (intervals.length === 0) return answer(STATUS.none);
    return answer(wanted > count ? STATUS.tooMany : STATUS.success, endMs, intervals);
  }

  /** A FastPollModeResponseRecord: the fastest that it does, and while that goes on the same end again. */
  fastPoll(values: RecordValues, nowMs: number): RecordValues {
    const minutes = Math.min(LONGEST_FAST_POLL_MINUTES, Number(values.duration_in_minutes));
    if (this.#fastPollEndMs <= nowMs) this.#fastPollEndMs = nowMs + minutes * 60_000;
    const period = Math.max(FASTEST_SECONDS, Number(values.fast_poll_update_period));
    return { applied_update_period: period, end_time: toUtc2000(this.#fastPollEndMs) };
  }
}

/** The end of the newest whole period. */
function toPeriod(ms: number, seconds: number): number {
  return Math.floor(ms / (seconds * 1000)) * seconds * 1000;
}
