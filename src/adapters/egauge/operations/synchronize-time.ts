import { MetergateError } from "../../../domain/errors.ts";
import { until } from "../../../lib/clock.ts";
import { synchronizeTime } from "../../../operations/adhoc/synchronize-time.ts";
import { readTime } from "../clock.ts";
import { execution } from "../execution.ts";
import { formatStamp } from "../stamp.ts";

/** What a clock may be off by after it was set, and the network took its time. */
const TOLERANCE_MS = 60_000;

/** Where the meter has time servers, they are asked again: a time from us would be overridden. */
export const synchronizeTimeExecution = execution(synchronizeTime, {
  async run({ meter, clock, device, records }, { timeZone }) {
    const server = await meter.result("/config/net/ntp/server");
    const hasServer = typeof server === "string" && server !== "";
    const body = hasServer ? null : formatStamp(clock.now());
    await meter.call({ method: "POST", path: "/cmd/set-time", body });
    const shown = await readTime(meter);
    const offMs = Math.abs(until(clock, shown));
    if (offMs > TOLERANCE_MS) {
      const text = `the meter's clock shows ${new Date(shown).toISOString()} after it was set`;
      throw new MetergateError("DEVICE_REFUSED", text, { retry: hasServer });
    }
    await records.setTimezone(device.identification, timeZone);
    return {};
  },
});
