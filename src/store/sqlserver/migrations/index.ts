import type { Migration } from "../../server/migrate.ts";
import * as inventory from "./0001-inventory.ts";
import * as requests from "./0002-requests.ts";
import * as messageLog from "./0003-message-log.ts";

/** All steps in their order. Steps only go forward, and each leaves what the release before works with. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "0001-inventory", ...inventory },
  { name: "0002-requests", ...requests },
  { name: "0003-message-log", ...messageLog },
];
