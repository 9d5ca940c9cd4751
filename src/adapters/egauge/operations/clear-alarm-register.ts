import { MetergateError } from "../../../domain/errors.ts";
import { clearAlarmRegister } from "../../../operations/monitoring/clear-alarm-register.ts";
import { ALERTS, type Alert, readAlerts } from "../alerts.ts";
import { execution } from "../execution.ts";

const keyOf = ({ id, last }: Alert) => `${id} ${last}`;

/** Acknowledges all alerts; the log keeps them. One that comes meanwhile may stay as it is. */
export const clearAlarmRegisterExecution = execution(clearAlarmRegister, {
  async run(context) {
    const before = new Set((await readAlerts(context)).filter(({ acked }) => !acked).map(keyOf));
    if (before.size === 0) return {};
    await context.meter.call({ method: "POST", path: ALERTS, body: "ack" });
    const left = (await readAlerts(context)).filter((alert) => !alert.acked && before.has(keyOf(alert)));
    if (left.length === 0) return {};
    throw new MetergateError("DEVICE_REFUSED", `the meter was told to acknowledge alerts and has ${left.length} left`);
  },
});
