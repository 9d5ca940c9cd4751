import { readAlarmRegister } from "../../../operations/monitoring/read-alarm-register.ts";
import { readAlerts, SETTINGS_CHANGED } from "../alerts.ts";
import { execution } from "../execution.ts";

/** Alerts that nobody has acknowledged. The contract has a name for one of them; FindEvents has the words of the others. */
export const readAlarmRegisterExecution = execution(readAlarmRegister, {
  async run(context) {
    const waiting = (await readAlerts(context)).filter(({ acked }) => !acked);
    const names = waiting.map(({ id }) => (id === SETTINGS_CHANGED ? "CONFIGURATION_CHANGED" : "AUXILIARY_EVENT"));
    return { alarms: [...new Set(names)].sort() };
  },
});
