import { InvocationCounters } from "../devices/invocation-counters.ts";
import type { CommandContext } from "./context.ts";
import { withDatabase } from "./data.ts";

/**
 * `devices counter DEVICE`: prints the next invocation counter that a device is sent, after raising it if that is asked.
 * @throws MetergateError UNKNOWN_DEVICE, ATTEMPT_TO_LOWER_INVOCATION_COUNTER
 */
export async function devicesCounter(
  context: CommandContext,
  device: string,
  { raise }: { raise?: number | undefined },
): Promise<void> {
  const counter = await withDatabase(context.config(), async (database) => {
    const counters = new InvocationCounters(database);
    if (raise !== undefined) await counters.raise(device, raise);
    return counters.current(device);
  });
  context.print(counter === null ? "not known yet" : String(counter));
}
