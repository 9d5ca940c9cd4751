import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";
import { formatTable } from "./table.ts";

const MOST = 50;

/** `alarms list`: prints the newest pushed alarms with the correlation UIDs that GetPushNotificationAlarm takes. */
export async function alarmsList(context: CommandContext): Promise<void> {
  const pushes = await lookInto(context.config(), (store) => store.pushes.list(MOST));
  const rows = pushes.map(({ receivedMs, device, alarms, description, correlationUid }) => [
    new Date(receivedMs).toISOString(),
    device,
    alarms.join(", ") || description,
    correlationUid,
  ]);
  context.print(
    rows.length > 0 ? formatTable([["received", "device", "alarms", "correlation UID"], ...rows]) : "no alarms",
  );
}

/** `alarms list --unknown`: prints what was not kept: of devices that are unknown or nobody's, and refused; the latest first. */
export async function unknownPushesList(context: CommandContext): Promise<void> {
  const found = await lookInto(context.config(), (store) => store.pushes.listUnknown(MOST));
  const rows = found.map(({ lastMs, source, device, pushes, description }) => [
    new Date(lastMs).toISOString(),
    source,
    device || "(others)",
    String(pushes),
    description,
  ]);
  const heading = ["last", "source", "device", "pushes", "latest"];
  context.print(rows.length > 0 ? formatTable([heading, ...rows]) : "no pushes of unknown devices, and none refused");
}
