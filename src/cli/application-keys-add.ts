import { ApplicationKeys } from "../devices/application-keys.ts";
import type { CommandContext } from "./context.ts";
import { withStore } from "./data.ts";
import { readInput } from "./files.ts";

/** `application-keys add ORG APP FILE`: registers the key that GetKeys seals keys with for an application. */
export async function applicationKeysAdd(
  context: CommandContext,
  organisation: string,
  application: string,
  file: string,
): Promise<void> {
  const content = readInput(file);
  await withStore(context.config(), ({ devices }) =>
    new ApplicationKeys(devices).add(organisation, application, content, file),
  );
  context.print(`registered the public key of application ${application} of ${organisation}`);
}
