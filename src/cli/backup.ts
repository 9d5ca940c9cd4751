import { copyFileSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { copyDatabase } from "../store/sqlite/backup.ts";
import { type CommandContext, UsageError } from "./context.ts";

/** Files with keys in the data directory, beside the one that a setting names. */
const KEY_FILES = ["log.key", "token.key", "platform-key.pem", "platform-key.der", "platform-public-key.pem"];

/** `backup DIR`: writes a copy of the database and of the files with keys into a new directory. */
export function backup(context: CommandContext, directory: string): void {
  const config = context.config();
  if (config.databaseUrl !== undefined) {
    throw new UsageError("a database server is backed up with its own tools, and the files with keys beside it");
  }
  if (!existsSync(join(config.dataDir, "metergate.db"))) {
    throw new UsageError(`no database in ${config.dataDir}; METERGATE_DATA_DIR says where`);
  }
  if (existsSync(directory) && readdirSync(directory).length > 0) throw new UsageError(`${directory} is not empty`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // First the database: the file with keys keeps those that the copy needs, also when keys are rotated meanwhile.
  copyDatabase(config.dataDir, join(directory, "metergate.db"));
  const keyFiles = [config.vaultKeyFile, ...KEY_FILES.map((name) => join(config.dataDir, name))].filter(existsSync);
  for (const file of keyFiles) copyFileSync(file, join(directory, basename(file)));
  for (const name of ["metergate.db", ...keyFiles.map((file) => basename(file))]) context.print(join(directory, name));
  context.print("keep the files with keys apart from the database");
}
