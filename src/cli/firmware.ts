import type { Family } from "../domain/family.ts";
import { FAMILIES } from "../families.ts";
import { systemClock } from "../lib/clock.ts";
import { sha256Hex } from "../lib/sha256.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { lookInto, withStore } from "./data.ts";
import { readInput } from "./files.ts";
import { commandEvidence } from "./operator.ts";
import { formatTable } from "./table.ts";

export interface FirmwareAddOptions {
  /** Device models that may get it. */
  readonly models: readonly string[];
  /** File whose octets are the image identifier, or the level that a gateway shows then; absent for images that name themselves. */
  readonly identifier?: string | undefined;
}

/** What UpdateFirmware can name: Identification of the contract. */
const IDENTIFICATION = /^[^ ]{1,40}$/;

/** `firmware add IDENTIFICATION FILE`: takes an image into the repository, in the place of the one before. */
export async function firmwareAdd(
  context: CommandContext,
  identification: string,
  file: string,
  { models, identifier }: FirmwareAddOptions,
): Promise<void> {
  if (!IDENTIFICATION.test(identification)) {
    throw new UsageError(`an identification is 1 to 40 characters without spaces, not "${identification}"`);
  }
  const image = readInput(file);
  const families: readonly Pick<Family, "name" | "namesItself">[] = FAMILIES;
  const namesItself = families.some((family) => family.namesItself?.(image));
  if (namesItself && identifier !== undefined) throw new UsageError(`${file} names itself: leave --identifier out`);
  if (!namesItself && identifier === undefined) {
    throw new UsageError(`${file} does not name itself; name the file with its image identifier: --identifier FILE`);
  }
  const sha256 = sha256Hex(image);
  const imageIdentifier = identifier === undefined ? undefined : readInput(identifier);
  const evidence = commandEvidence("firmware add", { identification, sha256, bytes: image.length, models });
  await withStore(context.config(), ({ firmware }) =>
    firmware.put({ identification, sha256, image, imageIdentifier, models }, systemClock.now(), evidence),
  );
  context.print(`${identification}: ${image.length} bytes, SHA-256 ${sha256}`);
}

/** `firmware list`: prints the images and, below, how far devices have come with one. */
export async function firmwareList(context: CommandContext): Promise<void> {
  const { images, transfers } = await lookInto(context.config(), async ({ firmware }) => ({
    images: await firmware.list(),
    transfers: await firmware.transfers(),
  }));
  if (images.length === 0) context.print("no firmware; see: metergate firmware add --help");
  else {
    const rows = images.map(({ identification, sizeBytes, models, sha256 }) => [
      identification,
      String(sizeBytes),
      models?.join(", ") ?? "cannot be read",
      sha256,
    ]);
    context.print(formatTable([["firmware", "bytes", "models", "SHA-256"], ...rows]));
  }
  if (transfers.length === 0) return;
  const rows = transfers.map(({ target, blocksDone, blocksTotal, updatedMs }) => [
    target,
    `${blocksDone}/${blocksTotal}`,
    new Date(updatedMs).toISOString(),
  ]);
  context.print(`\n${formatTable([["under way to", "blocks", "last progress"], ...rows])}`);
}
