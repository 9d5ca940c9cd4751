import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../src/store/database.ts";

/** A database in a directory of its own, which goes when the database is closed. */
export async function openTemporaryDatabase(): Promise<Database & { readonly dataDirectory: string }> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "metergate-test-"));
  const database = await openDatabase({ dataDirectory });
  return {
    ...database,
    dataDirectory,
    close: async () => {
      await database.close();
      await rm(dataDirectory, { recursive: true });
    },
  };
}
