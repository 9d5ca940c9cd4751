import { Inventory } from "../devices/inventory.ts";
import { InvocationCounters } from "../devices/invocation-counters.ts";
import { MetergateError } from "../domain/errors.ts";
import { systemClock } from "../lib/clock.ts";
import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";
import { formatTable } from "./table.ts";

/**
 * `devices show DEVICE`: prints what is recorded about a device, without its keys, who may do what with it, and the firmware that it told of.
 * @throws MetergateError UNKNOWN_DEVICE
 */
export async function devicesShow(context: CommandContext, identification: string): Promise<void> {
  const { device, rights, counter, versions } = await lookInto(context.config(), async ({ devices }) => {
    const inventory = new Inventory(devices, systemClock);
    const entry = await devices.find(identification);
    if (!entry) throw new MetergateError("UNKNOWN_DEVICE", `There is no device ${identification}`);
    return {
      device: entry.device,
      rights: entry.authorisations,
      counter: await new InvocationCounters(devices).current(identification),
      versions: await inventory.firmwareVersions(identification),
    };
  });
  context.print(JSON.stringify(device, null, 2));
  context.print(`next invocation counter: ${counter ?? "not known yet"}`);
  if (rights.length > 0) {
    const granted = rights.map(({ organisation, functionGroup }) => [organisation, functionGroup]);
    context.print(formatTable([["organisation", "may"], ...granted]));
  }
  if (versions.length === 0) return;
  const rows = versions.map(({ module, version, readMs }) => [module, version, new Date(readMs).toISOString()]);
  context.print(formatTable([["firmware", "version", "read"], ...rows]));
}
