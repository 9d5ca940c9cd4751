import type { Migration } from "../../server/migrate.ts";
import * as all from "./0001-all.ts";
import * as agreements from "./0002-agreements.ts";
import * as replays from "./0003-replays.ts";
import * as reports from "./0004-reports.ts";
import * as permits from "./0005-permits.ts";
import * as parkedTargets from "./0006-parked-targets.ts";
import * as commitMarks from "./0007-commit-marks.ts";

/** All steps in their order. Steps only go forward, and each leaves what the release before works with. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-all", ...all },
  { name: "0002-agreements", ...agreements },
  { name: "0003-replays", ...replays },
  { name: "0004-reports", ...reports },
  { name: "0005-permits", ...permits },
  { name: "0006-parked-targets", ...parkedTargets },
  { name: "0007-commit-marks", ...commitMarks },
];
