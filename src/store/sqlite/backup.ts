import { openConnection } from "./open-connection.ts";

/**
 * Writes a consistent copy of a data directory's database into a new file, beside whoever writes meanwhile. The caller
 * waits for it, as nothing else goes on in a command.
 * @throws StoreError DATABASE_UNUSABLE, DATABASE_SCHEMA_MISMATCH
 */
export function copyDatabase(dataDirectory: string, file: string): void {
  const { db } = openConnection({ dataDirectory, readOnly: true, nowMs: 0 });
  try {
    db.run("vacuum into ?", file);
  } finally {
    db.close();
  }
}
