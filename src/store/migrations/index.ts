import type { Knex } from "knex";
import * as requests from "./0001-requests.ts";
import * as messageLog from "./0002-message-log.ts";
import * as devices from "./0003-devices.ts";
import * as pushes from "./0004-pushes.ts";
import * as firmware from "./0005-firmware.ts";
import * as deviceLessons from "./0007-device-lessons.ts";
import * as writeTurns from "./0008-write-turns.ts";

/** One step of the schema. A step that was released is never changed; a new one is added at the end of the list. */
export interface Migration {
  readonly name: string;
  readonly up: (knex: Knex) => Promise<void>;
}

/** All steps in their order. */
const MIGRATIONS: readonly Migration[] = [
  { name: "0001-requests", up: requests.up },
  { name: "0002-message-log", up: messageLog.up },
  { name: "0003-devices", up: devices.up },
  { name: "0004-pushes", up: pushes.up },
  { name: "0005-firmware", up: firmware.up },
  { name: "0007-device-lessons", up: deviceLessons.up },
  { name: "0008-write-turns", up: writeTurns.up },
];

/** Steps only go forward: going back to an older version means going back to its backup. */
const down = async (): Promise<void> => {};

/** The steps as knex wants them. */
export const migrationSource: Knex.MigrationSource<Migration> = {
  getMigrations: async () => [...MIGRATIONS],
  getMigrationName: ({ name }) => name,
  getMigration: async ({ up }) => ({ up, down }),
};
