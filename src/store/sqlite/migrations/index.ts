import type { Connection } from "../connection.ts";
import * as requests from "./0001-requests.ts";
import * as messageLog from "./0002-message-log.ts";
import * as devices from "./0003-devices.ts";
import * as pushes from "./0004-pushes.ts";
import * as firmware from "./0005-firmware.ts";
import * as leases from "./0006-leases.ts";
import * as deviceLessons from "./0007-device-lessons.ts";
import * as writeTurns from "./0008-write-turns.ts";
import * as keyMarks from "./0009-key-marks.ts";
import * as cipheredPushes from "./0010-ciphered-pushes.ts";
import * as deviceMessages from "./0011-device-messages.ts";
import * as notifications from "./0012-notifications.ts";
import * as systemEvents from "./0013-system-events.ts";
import * as lines from "./0014-lines.ts";
import * as devicesBehind from "./0015-devices-behind.ts";
import * as notes from "./0016-notes.ts";
import * as organisations from "./0017-organisations.ts";
import * as logTree from "./0018-log-tree.ts";
import * as agreements from "./0019-agreements.ts";
import * as replays from "./0020-replays.ts";
import * as reports from "./0021-reports.ts";
import * as permits from "./0022-permits.ts";
import * as logPacks from "./0023-log-packs.ts";
import * as deflatedPacks from "./0024-deflated-packs.ts";

/** One step of the schema. A step that was released is never changed; a new one is added at the end of the list. */
export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
  /** What SQL cannot do, after the statements. */
  readonly convert?: (db: Connection) => void;
}

/** All steps in their order. Steps only go forward: going back to an older version means going back to its backup. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-requests", ...requests },
  { name: "0002-message-log", ...messageLog },
  { name: "0003-devices", ...devices },
  { name: "0004-pushes", ...pushes },
  { name: "0005-firmware", ...firmware },
  { name: "0006-leases", ...leases },
  { name: "0007-device-lessons", ...deviceLessons },
  { name: "0008-write-turns", ...writeTurns },
  { name: "0009-key-marks", ...keyMarks },
  { name: "0010-ciphered-pushes", ...cipheredPushes },
  { name: "0011-device-messages", ...deviceMessages },
  { name: "0012-notifications", ...notifications },
  { name: "0013-system-events", ...systemEvents },
  { name: "0014-lines", ...lines },
  { name: "0015-devices-behind", ...devicesBehind },
  { name: "0016-notes", ...notes },
  { name: "0017-organisations", ...organisations },
  { name: "0018-log-tree", ...logTree },
  { name: "0019-agreements", ...agreements },
  { name: "0020-replays", ...replays },
  { name: "0021-reports", ...reports },
  { name: "0022-permits", ...permits },
  { name: "0023-log-packs", ...logPacks },
  { name: "0024-deflated-packs", ...deflatedPacks },
];
