import {
  type FastPoll,
  type GetProfile,
  PROFILE_STATUSES,
  type Profile,
  type RequestFastPoll,
} from "../../../operations/smart-energy.ts";
import { UNVERIFIED } from "../../../smart-energy/unverified.ts";
import { code, codesFrom, number, time } from "./members.ts";
import { type Member, recordCodec } from "./record-codec.ts";

const endTime = time("end_time", "endTimeMs", [0]);

/** 0 is the most recent block, and is always said. */
const END_OF_PROFILE: Member = {
  ...endTime,
  write(record, values) {
    endTime.write(record, values);
    values.end_time ??= 0;
  },
};

export const GET_PROFILE = recordCodec<GetProfile>("GetProfileRecord", [
  code("interval_channel", "intervalChannel", { 0: "DELIVERED", 1: "RECEIVED" }),
  END_OF_PROFILE,
  number("number_of_periods", "numberOfPeriods"),
  time("start_time", "startTimeMs", []),
]);

/** Seconds of a period by its code, from a day down to a minute. */
const PERIOD_SECONDS: Readonly<Record<number, number>> = {
  0: 86_400,
  1: 3_600,
  2: 1_800,
  3: 900,
  4: 600,
  5: 450,
  6: 300,
  7: 150,
  8: 60,
};
const PERIOD_CODES = new Map(Object.entries(PERIOD_SECONDS).map(([value, seconds]) => [seconds, Number(value)]));

const PERIOD: Member = {
  read(values, record) {
    const seconds = PERIOD_SECONDS[Number(values.profile_interval_period)];
    if (seconds !== undefined) record.intervalPeriod = seconds;
  },
  write(record, values) {
    const value = PERIOD_CODES.get(record.intervalPeriod as number);
    if (value !== undefined) values.profile_interval_period = value;
  },
};

/** Read after the end and the period, from which each interval's own end follows. */
const INTERVALS: Member = {
  read(values, record) {
    const { endTimeMs, intervalPeriod } = record as Partial<Profile>;
    const list = Array.isArray(values.intervals) ? (values.intervals as readonly number[]) : [];
    record.interval = list.map((increment, i) => ({
      ...(endTimeMs !== undefined &&
        intervalPeriod !== undefined && { endTimeMs: endTimeMs - i * intervalPeriod * 1000 }),
      ...(increment !== UNVERIFIED.missingInterval && { increment }),
    }));
  },
  write(record, values) {
    const { interval } = record as unknown as Profile;
    values.intervals = interval.map(({ increment }) => increment ?? UNVERIFIED.missingInterval);
  },
};

export const GET_PROFILE_RESPONSE = recordCodec<Profile>("GetProfileResponseRecord", [
  endTime,
  code("status", "status", codesFrom(0, PROFILE_STATUSES)),
  PERIOD,
  INTERVALS,
]);

export const REQUEST_FAST_POLL_MODE = recordCodec<RequestFastPoll>("RequestFastPollModeRecord", [
  number("fast_poll_update_period", "updatePeriod"),
  number("duration_in_minutes", "duration"),
]);

export const FAST_POLL_MODE_RESPONSE = recordCodec<FastPoll>("FastPollModeResponseRecord", [
  number("applied_update_period", "updatePeriod"),
  endTime,
]);
