import { Inventory } from "../devices/inventory.ts";
import type { Device, SecurityFlags } from "../domain/device.ts";
import { systemClock } from "../lib/clock.ts";
import type { DeviceRow } from "../store/devices.ts";
import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";
import { formatTable } from "./table.ts";

const PAGE = 500;
const HEADING = ["device", "protocol", "reached at", "security", "counter", "owner"];

function reachedAt({ dlms, gateway }: Device): string {
  if (dlms) return `${dlms.host}:${dlms.port}`;
  return gateway ? `${gateway.device} channel ${gateway.channel}` : "not coupled";
}

/** The level that the flags select, the strongest first. */
function securityLevel({ hls5Active, hls4Active, hls3Active, lls1Active }: SecurityFlags): string {
  return hls5Active ? "HLS5" : hls4Active ? "HLS4" : hls3Active ? "HLS3" : lls1Active ? "LLS1" : "none";
}

function toRow({ device, authorisations, invocationCounter }: DeviceRow): string[] {
  const owners = authorisations.filter((right) => right.functionGroup === "OWNER").map((right) => right.organisation);
  return [
    device.identification,
    `${device.protocol.name} ${device.protocol.version}`,
    reachedAt(device),
    device.dlms ? securityLevel(device.security) : "-",
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
