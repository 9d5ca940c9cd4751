import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { LogKeys } from "../devices/log-keys.ts";
import { replaceSecretFile } from "../devices/secret-file.ts";
import { openHttpHost } from "../http/host.ts";
import { witnessApp } from "../http/witness-app.ts";
import { systemClock } from "../lib/clock.ts";
import { systemRandom } from "../lib/random.ts";
import { sha256Hex } from "../lib/sha256.ts";
import { formatVerifierKey, NoteError, parseVerifierKey } from "../message-log/note.ts";
import { Witness, type WitnessMemory } from "../message-log/witness.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { untilStopped } from "./signals.ts";

export interface WitnessOptions {
  readonly log: readonly string[];
  readonly name: string;
  readonly state: string;
  readonly host: string;
  readonly port: number;
}

/** The last checkpoints in files, one for each log, which are on the disk before a cosignature goes out. */
function witnessMemory(directory: string): WitnessMemory {
  const fileOf = (origin: string) => join(directory, `${sha256Hex(origin).slice(0, 32)}.checkpoint`);
  return {
    last(origin) {
      try {
        return readFileSync(fileOf(origin), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
    },
    keep: async (origin, note) => replaceSecretFile(fileOf(origin), note),
  };
}

/** `log witness`: cosigns what has grown out of what it has seen. @throws UsageError */
export async function logWitness(
  context: CommandContext,
  { log, name, state, host, port }: WitnessOptions,
  stopped: Promise<void> = untilStopped(),
): Promise<void> {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const signer = LogKeys.open(join(state, "witness.key"), systemRandom, name).witness(() => systemClock.now());
  const witness = new Witness(keysOf(log), signer, witnessMemory(state));
  const logger = pino({ level: "error", base: null }, pino.destination(2));
  const apps = [witnessApp((body) => witness.add(body), systemClock)];
  const server = await openHttpHost({ host, port, clock: systemClock, logger, apps });
  context.print(`key ${formatVerifierKey(signer.key)}`);
  context.print(`http://${host}:${server.port}`);
  context.print("ready");
  await stopped;
  await server.close();
}

function keysOf(texts: readonly string[]) {
  try {
    return texts.map(parseVerifierKey);
  } catch (error) {
    if (error instanceof NoteError) throw new UsageError(error.message);
    throw error;
  }
}
