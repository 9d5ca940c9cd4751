import { type Command, InvalidArgumentError } from "commander";
import { another } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import type { ExportOptions } from "./log-export.ts";
import type { FindOptions } from "./log-find.ts";
import type { VerifyOptions } from "./log-verify.ts";

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
    .argument("[bundle]", "directory that log export wrote; neither database nor service is needed for it")
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
  ranged(log.command("find").description("print a line for each entry that fits"))
    .option("--class <class>", "only entries of this class, e.g. deed")
    .action(async (options: FindOptions) => (await import("./log-find.ts")).logFind(context, options));
  log
    .command("follow")
    .description("print what is logged, as it comes, until it is stopped")
    .option("--device <identification>", "its messages alone, the latest before them; in words while it is debugged")
    .action(async (options: { device?: string }) => (await import("./log-follow.ts")).logFollow(context, options));
}
