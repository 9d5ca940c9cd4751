import { InvocationCounters } from "../devices/invocation-counters.ts";
import type { CommandContext } from "./context.ts";
import { lookInto, withStore } from "./data.ts";
import { commandEvidence } from "./operator.ts";

/**
 * `devices counter DEVICE`: prints the next invocation counter that a device is sent, after raising it if that is asked.
 * @throws MetergateError UNKNOWN_DEVICE, ATTEMPT_TO_LOWER_INVOCATION_COUNTER
 */
export async function devicesCounter(
  context: CommandContext,
  device: string,
  { raise }: { raise?: number | undefined },
): Promise<void> {
  const open = raise === undefined ? lookInto : withStore;
  const counter = await open(context.config(), async ({ devices }) => {
    const counters = new InvocationCounters(devices);
    if (raise !== undefined) {
      await counters.raise(device, raise, commandEvidence("devices counter", { raise }, device));
    }
    return counters.current(device);
  });
  context.print(counter === null ? "not known yet" : String(counter));
}
