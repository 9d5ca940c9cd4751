import { until } from "../../../lib/clock.ts";
import { setMeterTime } from "../../../operations/egauge/set-meter-time.ts";
import { readTime } from "../clock.ts";
import { execution } from "../execution.ts";
import { earlier, type SentNote, sendOnce } from "../sent-once.ts";
import { formatStamp } from "../stamp.ts";

interface TimeNote extends SentNote {
  /** When the meter was first to be told, milliseconds since 1970. */
  readonly atMs: number;
}

/** The time is what the clock shows when it is first told: a later run sets it on by what has passed since. */
export const setMeterTimeExecution = execution(setMeterTime, {
  async run(context, { timeMs }) {
    const { meter, clock } = context;
    const { atMs } = (await earlier<TimeNote>(context)) ?? { atMs: clock.now() };
    const body = timeMs === undefined ? null : formatStamp(timeMs - until(clock, atMs));
    await sendOnce<TimeNote>(context, "/cmd/set-time", body, { sent: true, atMs });
    return { meterTimeMs: await readTime(meter) };
  },
});
