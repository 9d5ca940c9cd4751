import { type Command, InvalidArgumentError } from "commander";
import { another, integer } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import type { EvidenceOptions } from "./log-evidence.ts";
import type { ExportOptions } from "./log-export.ts";
import type { FindOptions } from "./log-find.ts";
import type { FollowOptions } from "./log-follow.ts";
import type { HoldOptions } from "./log-hold.ts";
import type { VerifyOptions } from "./log-verify.ts";
import type { WitnessOptions } from "./log-witness.ts";

/** A moment or an index; what it is, whoever takes it asks. */
function place(text: string): string {
  if (/^\d{1,15}$/.test(text) || !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError("It must be a time, e.g. 2026-05-01T00:00:00Z, or the index of an entry.");
}

/** `log`: the log of messages, for operators and auditors. */
export function describeLog(program: Command, context: CommandContext, exitWith: (code: number) => void): void {
  const log = program.command("log").description("the log of messages");
  const ranged = (command: Command) =>
    command
      .option("--from <time or index>", "not before", place)
      .option("--to <time or index>", "before", place)
      .option("--organisation <identification>", "only entries of this organisation")
      .option("--device <identification>", "only entries about this device");
  log
    .command("verify")
    .description("verify a bundle, or the log of the data directory; name what does not fit")
    .argument(
      "[bundle]",
      "directory that log export wrote, or that is published; neither database nor service is needed for it",
    )
    .option("--key <key>", "verifier key of the log, known from elsewhere; may be repeated", another)
    .option("--witness <key>", "verifier key of a witness that must have cosigned; may be repeated", another)
    .option("--checkpoint <file>", "checkpoint that came another way; may be repeated", another)
    .action(async (bundle: string | undefined, options: VerifyOptions) =>
      exitWith(await (await import("./log-verify.ts")).logVerify(context, bundle, options)),
    );
  ranged(log.command("export").description("write entries, payloads and proofs into a bundle that anybody can verify"))
    .option("--uid <correlation UID>", "only entries of this request")
    .option("--checkpoint <file>", "checkpoint that the reader has; may be repeated", another)
    .requiredOption("--output <directory>", "a directory that is not there yet, or empty")
    .action(async (options: ExportOptions) => (await import("./log-export.ts")).logExport(context, options));
  log
    .command("checkpoint")
    .description("print the latest checkpoint, the keys of the log and how far the log has come")
    .action(async () => (await import("./log-checkpoint.ts")).logCheckpoint(context));
  log
    .command("prove")
    .description("print the proof that an entry is in the tree of the latest checkpoint, as C2SP tlog-proof")
    .argument("<index>", "index of the entry", place)
    .action(async (index: string) => (await import("./log-prove.ts")).logProve(context, Number(index)));
  log
    .command("show")
    .description("print the entries of a request, or one entry, as they are stored")
    .argument("<entry>", "correlation UID, or index")
    .action(async (entry: string) => exitWith(await (await import("./log-find.ts")).logShow(context, entry)));
  log
    .command("evidence")
    .description("write all entries of a request with their proofs into one XML document, signed with XML-DSig")
    .argument("<uid>", "correlation UID")
    .requiredOption("--key <file>", "private key: RSA, or EC on P-256, PEM")
    .requiredOption("--certificate <file>", "the certificate that belongs to it, PEM")
    .option("--output <file>", "where to write it (default: standard output)")
    .action(async (uid: string, options: EvidenceOptions) =>
      (await import("./log-evidence.ts")).logEvidence(context, uid, options),
    );
  ranged(log.command("find").description("print a line for each entry that fits"))
    .option("--class <class>", "only entries of this class, e.g. deed")
    .action(async (options: FindOptions) => (await import("./log-find.ts")).logFind(context, options));
  describeUpkeep(log, context);
  log
    .command("follow")
    .description("print what is logged, as it comes, until it is stopped")
    .option("--device <identification>", "its messages alone, the latest before them; in words while it is debugged")
    .option("--organisation <identification>", "only messages of this organisation")
    .action(async (options: FollowOptions) => (await import("./log-follow.ts")).logFollow(context, options));
}

/** Keys, holds and the witness. */
function describeUpkeep(log: Command, context: CommandContext): void {
  const key = log.command("key").description("the keys that checkpoints are signed with; log checkpoint prints them");
  key
    .command("add")
    .description("add the key that follows the one in use; both sign from then on")
    .action(async () => (await import("./log-keys.ts")).logKeyAdd(context));
  key
    .command("retire")
    .description("take the older of two keys away, once the newer one has signed beside it")
    .action(async () => (await import("./log-keys.ts")).logKeyRetire(context));
  const hold = log.command("hold").description("payloads that must not be erased, however old they get");
  hold
    .command("add")
    .description("hold the payloads of all entries that have what is given")
    .argument("<name>", "e.g. the number of a case")
    .requiredOption("--reason <text>", "why")
    .option("--organisation <identification>", "of this organisation")
    .option("--device <identification>", "about this device")
    .option("--uid <correlation UID>", "of this request")
    .action(async (name: string, options: HoldOptions) =>
      (await import("./log-hold.ts")).logHoldAdd(context, name, options),
    );
  hold
    .command("remove")
    .description("end a hold")
    .argument("<name>", "as it was given")
    .action(async (name: string) => (await import("./log-hold.ts")).logHoldRemove(context, name));
  hold
    .command("list")
    .description("print the holds")
    .action(async () => (await import("./log-hold.ts")).logHoldList(context));
  log
    .command("witness")
    .description('run a witness, on another machine than the log\'s; prints its key and address, then "ready"')
    .requiredOption("--log <key>", "verifier key of a log that it cosigns; may be repeated", another)
    .requiredOption("--name <name>", "name of the witness, e.g. witness.example")
    .option("--state <directory>", "where it keeps its key and what it has seen", "./witness")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port, 0 for any", integer(0, 65_535), 8090)
    .action(async (options: WitnessOptions) => (await import("./log-witness.ts")).logWitness(context, options));
}
