import { ApplicationKeys } from "../devices/application-keys.ts";
import { sha256Hex } from "../lib/sha256.ts";
import type { CommandContext } from "./context.ts";
import { withStore } from "./data.ts";
import { readInput } from "./files.ts";
import { commandEvidence } from "./operator.ts";

/** `application-keys add ORG APP FILE`: registers the key that GetKeys seals keys with for an application. */
export async function applicationKeysAdd(
  context: CommandContext,
  organisation: string,
  application: string,
  file: string,
): Promise<void> {
  const content = readInput(file);
  const publicKeySha256 = sha256Hex(content);
  const evidence = commandEvidence("application-keys add", { organisation, application, publicKeySha256 });
  await withStore(context.config(), ({ devices }) =>
    new ApplicationKeys(devices).add(organisation, application, content, file, evidence),
  );
  context.print(`registered the public key of application ${application} of ${organisation}`);
}
