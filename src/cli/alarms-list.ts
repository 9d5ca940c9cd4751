import { PushesRepository } from "../store/pushes-repository.ts";
import { UnknownPushesRepository } from "../store/unknown-pushes-repository.ts";
import type { CommandContext } from "./context.ts";
import { withDatabase } from "./data.ts";
import { formatTable } from "./table.ts";

const MOST = 50;

/** `alarms list`: prints the newest pushed alarms with the correlation UIDs that GetPushNotificationAlarm takes. */
export async function alarmsList(context: CommandContext): Promise<void> {
  const pushes = await withDatabase(context.config(), (database) => new PushesRepository(database).list(MOST));
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

/** `alarms list --unknown`: prints who pushes in the names of devices that are unknown or nobody's, the latest first. */
export async function unknownPushesList(context: CommandContext): Promise<void> {
  const found = await withDatabase(context.config(), (database) => new UnknownPushesRepository(database).list(MOST));
  const rows = found.map(({ lastMs, source, device, pushes, description }) => [
    new Date(lastMs).toISOString(),
    source,
    device || "(others)",
    String(pushes),
    description,
  ]);
  const heading = ["last", "source", "device", "pushes", "latest"];
  context.print(rows.length > 0 ? formatTable([heading, ...rows]) : "no pushes of unknown devices");
}
