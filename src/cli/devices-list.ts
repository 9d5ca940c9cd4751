import { Inventory } from "../devices/inventory.ts";
import { FAMILIES } from "../families.ts";
import { systemClock } from "../lib/clock.ts";
import type { DeviceRow, UnreadableDevice } from "../store/devices.ts";
import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";
import { formatTable } from "./table.ts";

const PAGE = 500;
const HEADING = ["device", "protocol", "reached at", "security", "counter", "owner"];

function toRow(row: DeviceRow | UnreadableDevice): string[] {
  if (!("device" in row)) return [row.identification, "cannot be read; import it once more", "-", "-", "-", "-"];
  const { device, authorisations, invocationCounter } = row;
  const family = FAMILIES.find(({ name }) => name === device.family);
  const owners = authorisations.filter((right) => right.functionGroup === "OWNER").map((right) => right.organisation);
  return [
    device.identification,
    `${device.protocol.name} ${device.protocol.version}`,
    family?.reachedAt(device) ?? "-",
    family?.securedBy(device) ?? "-",
    invocationCounter === null ? "-" : String(invocationCounter),
    owners.join(", ") || "-",
  ];
}

/** `devices list`: prints the inventory as a table. */
export async function devicesList(context: CommandContext): Promise<void> {
  const rows = await lookInto(context.config(), async ({ devices }) => {
    const inventory = new Inventory(devices, systemClock);
    const found: string[][] = [];
    for (let offset = 0; ; offset += PAGE) {
      const page = await inventory.list({ offset, limit: PAGE });
      found.push(...page.map(toRow));
      if (page.length < PAGE) return found;
    }
  });
  context.print(rows.length > 0 ? formatTable([HEADING, ...rows]) : "no devices; see: metergate devices import --help");
}
