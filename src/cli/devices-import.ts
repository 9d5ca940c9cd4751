import { importDevices } from "../devices/import.ts";
import { MetergateError } from "../domain/errors.ts";
import { FAMILIES } from "../families.ts";
import { systemClock } from "../lib/clock.ts";
import type { CommandContext } from "./context.ts";
import { withVault } from "./data.ts";
import { readInput } from "./files.ts";
import { operatorName } from "./operator.ts";

/** `devices import FILE`: takes a devices file over and prints what changed. */
export async function devicesImport(
  context: CommandContext,
  file: string,
  { replaceKeys = false }: { replaceKeys?: boolean | undefined },
): Promise<void> {
  const content = readInput(file).toString("utf8");
  const counts = await withVault(context.config(), async (store, vault) => {
    try {
      const parts = { families: FAMILIES, store, vault, clock: systemClock };
      return await importDevices(content, { ...parts, replaceKeys, user: operatorName() });
    } catch (error) {
      if (!(error instanceof MetergateError && error.code === "VALIDATION_ERROR")) throw error;
      throw new MetergateError(error.code, `${file} was not imported\n${error.message}`);
    }
  });
  const { organisationsAdded, devicesAdded, devicesUpdated, secretsStored, secretsKept } = counts;
  context.print(`organisations: ${organisationsAdded} added`);
  context.print(`devices: ${devicesAdded} added, ${devicesUpdated} updated`);
  context.print(`keys: ${secretsStored} stored`);
  if (secretsKept > 0) {
    context.print(`${secretsKept} keys of the file were left out, the vault has active ones (--replace-keys)`);
  }
}
