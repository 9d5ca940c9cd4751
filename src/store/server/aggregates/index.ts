import type { Aggregate } from "../../methods.ts";
import type { Store } from "../../store.ts";
import type { Session } from "../session.ts";
import { agreements } from "./agreements.ts";
import { devices } from "./devices.ts";
import { firmware } from "./firmware.ts";
import { leases } from "./leases.ts";
import { messageLog } from "./message-log.ts";
import { notifications } from "./notifications.ts";
import { organisations } from "./organisations.ts";
import { permits } from "./permits.ts";
import { pushes } from "./pushes.ts";
import { replays } from "./replays.ts";
import { reports } from "./reports.ts";
import { requests } from "./requests.ts";
import { secrets } from "./secrets.ts";
import { systemEvents } from "./system-events.ts";

/** What each aggregate does in a session. */
export const AGGREGATES: { readonly [A in Aggregate]: (db: Session) => Store[A] } = {
  requests,
  messageLog,
  devices,
  organisations,
  secrets,
  firmware,
  pushes,
  notifications,
  systemEvents,
  replays,
  reports,
  leases,
  permits,
  agreements,
};
