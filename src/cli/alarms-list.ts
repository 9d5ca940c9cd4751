import { PushesRepository } from "../store/pushes-repository.ts";
import type { CommandContext } from "./context.ts";
import { withDatabase } from "./data.ts";
import { formatTable } from "./table.ts";

const MOST = 50;

/** `alarms list`: prints the newest pushed alarms with the correlation UIDs that GetPushNotificationAlarm takes. */
export async function alarmsList(context: CommandContext): Promise<void> {
  const pushes = await withDatabase(context.config(), (database) => new PushesRepository(database).list(MOST));
  const rows = pushes.map(({ receivedMs, device, alarms, correlationUid }) => [
    new Date(receivedMs).toISOString(),
    device,
    alarms.join(", "),
    correlationUid,
  ]);
  context.print(
    rows.length > 0 ? formatTable([["received", "device", "alarms", "correlation UID"], ...rows]) : "no alarms",
  );
}
