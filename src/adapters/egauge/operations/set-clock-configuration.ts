import { MetergateError } from "../../../domain/errors.ts";
import { setClockConfiguration } from "../../../operations/configuration/set-clock-configuration.ts";
import { execution } from "../execution.ts";
import { posixZone } from "../posix-zone.ts";

const PATH = "/config/time/zone";

/** The meter keeps one text for its time zone. Its clock counts in UTC and is as it was. */
export const setClockConfigurationExecution = execution(setClockConfiguration, {
  missing(_, request) {
    const found = request && posixZone(request);
    return found && "why" in found ? found.why : undefined;
  },
  async run({ meter }, request) {
    const found = posixZone(request);
    if ("why" in found) throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", found.why);
    await meter.call({ method: "PUT", path: PATH, body: found.zone });
    const kept = await meter.result(PATH);
    if (kept === found.zone) return {};
    throw new MetergateError("DEVICE_REFUSED", `the meter was given the time zone ${found.zone} and does not have it`);
  },
});
