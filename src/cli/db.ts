import { storeSettings } from "../config.ts";
import { systemClock } from "../lib/clock.ts";
import { growLog } from "../message-log/sequencer.ts";
import { verifyMessageLog } from "../message-log/verify.ts";
import { copyStore, type DatabasePlace, databaseName, openStore } from "../store/open-store.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { lookInto, withStore } from "./data.ts";

/** `db migrate`: brings the schema up to date, as the start of the service does. */
export async function dbMigrate(context: CommandContext): Promise<void> {
  const config = context.config();
  await withStore(config, async () => {});
  context.print(`the schema of the ${databaseName(config.databaseUrl)} database is up to date`);
}

/** `db status`: what database it is, whether its schema is this version's, and how much is in it. */
export async function dbStatus(context: CommandContext): Promise<void> {
  const config = context.config();
  context.print(`database: ${databaseName(config.databaseUrl)}`);
  await lookInto(config, async (store) => {
    const { devices, organisations } = await store.devices.countAll();
    const { later, ready, parked, running } = await store.requests.countUnfinished();
    context.print("schema: up to date");
    context.print(`devices: ${devices}, organisations: ${organisations}`);
    context.print(`unfinished requests: ${later + ready + parked} waiting, ${running} running`);
    context.print(`entries of the log: ${await store.messageLog.size()}`);
  });
}

/** The place that an argument names: the address of a server, or a directory. */
function placeOf(text: string, connections: number): DatabasePlace & { connections: number } {
  const isAddress = /^[a-z]+:\/\//.test(text);
  if (isAddress && !/^(postgres|postgresql|mssql|sqlserver):/.test(text))
    throw new UsageError("that address is of no known database");
  return { dataDirectory: text, databaseUrl: isAddress ? text : undefined, nowMs: systemClock.now(), connections };
}

/**
 * `db copy`: copies everything into a new database, and verifies the log there.
 * @returns the exit code: 0 when the log has no defect
 */
export async function dbCopy(context: CommandContext, to: string): Promise<number> {
  const config = context.config();
  const { dataDirectory, databaseUrl, connections } = storeSettings(config);
  const target = placeOf(to, connections);
  // What has no place in the log yet gets it first: a single writer gives it at once, and has nothing that waits.
  await withStore(config, (store) => growLog(store.messageLog));
  const counts = await copyStore({ dataDirectory, databaseUrl, nowMs: systemClock.now() }, target);
  for (const [table, rows] of counts) context.print(`${table}: ${rows}`);
  const store = await openStore({ ...target, readOnly: true, clock: systemClock });
  try {
    const { entries, findings } = await verifyMessageLog(store.messageLog);
    context.print(`the log there: ${entries} entries, ${findings.length} defects`);
    context.print("the files with keys stay where they are");
    return findings.length === 0 ? 0 : 1;
  } finally {
    await store.close();
  }
}
