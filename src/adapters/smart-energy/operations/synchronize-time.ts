import { synchronizeTime } from "../../../operations/adhoc/synchronize-time.ts";
import { leaf } from "../../../smart-energy/element.ts";
import { execution } from "../execution.ts";
import { requireSuccess } from "./replies.ts";

/** Sets the gateway's clock, which is that of its network: what is behind it follows. It counts in UTC whatever the zone is. */
export const synchronizeTimeExecution = execution(synchronizeTime, async (context) => {
  const { clock, actionId, attempt } = context;
  const seconds = Math.round(clock.now() / 1000);
  const content = [leaf("UTC_1970", seconds)];
  const answer = await context.ask({ command: "set_time", content, name: `${actionId}/${attempt}` });
  requireSuccess(answer);
  return {};
});
