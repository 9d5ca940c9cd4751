import * as z from "zod";
import { MetergateError } from "../../domain/errors.ts";
import type { OperationContext } from "./execution.ts";
import { MOST_LOOKS, Patience } from "./patience.ts";
import { earlier, type SentNote, sendOnce, unknownOutcome } from "./sent-once.ts";

/** Characters of a meter's words that are told on. */
const MOST_WORDS = 200;

const started = z.looseObject({ token: z.string().regex(/^[0-9A-Za-z_-]{8,256}$/) });
const status = z.looseObject({
  done: z.boolean(),
  error: z.string().nullish(),
  args: z.array(z.string()).nullish(),
  info: z.string().nullish(),
  progress: z.number().nullish(),
  result: z.unknown().optional(),
});

/** What is noted of a long operation: the token once the meter has given one, and how often it was looked at. */
export interface OperationNote extends SentNote {
  readonly token?: string | undefined;
  readonly looks?: number | undefined;
}

/** How a long operation ended. */
export type Ending =
  | { readonly kind: "done"; readonly result: unknown }
  /** The meter does not know it any more. */
  | { readonly kind: "gone" };

/** The token in the answer to a command. @throws MetergateError ILLEGAL_RESPONSE */
export function tokenIn(answer: unknown): string {
  const parsed = started.safeParse(answer);
  if (parsed.success) return parsed.data.token;
  throw new MetergateError("ILLEGAL_RESPONSE", "the meter began something and gave no token for it");
}

/**
 * Looks at an operation until it has ended, in this run and in later ones.
 * @throws MetergateError DEVICE_REFUSED with the meter's tag when it failed, or took an hour and was cancelled; Snooze
 */
export async function follow<N extends OperationNote & { readonly token: string }>(
  context: OperationContext,
  note: N,
): Promise<Ending> {
  const { meter } = context;
  const patience = new Patience(context);
  for (let looks = note.looks ?? 0; ; looks++) {
    const seen = await look(context, note.token);
    if (!seen) return { kind: "gone" };
    context.progress(Math.round(100 * Math.min(1, Math.max(0, seen.progress ?? 0))), 100);
    if (seen.done) {
      if (seen.error) throw failed(seen.error, seen.args ?? []);
      return { kind: "done", result: seen.result };
    }
    if (looks >= MOST_LOOKS) {
      await meter.call({ method: "POST", path: "/cmd/cancel", body: { token: note.token } });
      throw new MetergateError("DEVICE_REFUSED", "the meter did not come to an end, and the command was cancelled");
    }
    await patience.pause(looks, { ...note, looks: looks + 1 });
  }
}

async function look({ meter }: OperationContext, token: string): Promise<z.infer<typeof status> | undefined> {
  let found: unknown;
  try {
    found = await meter.result(`/sys/status/${encodeURIComponent(token)}`);
  } catch (error) {
    if (error === meter.failure) throw error;
    return undefined;
  }
  if (found === undefined || found === null || (typeof found === "object" && Object.keys(found).length === 0)) {
    return undefined;
  }
  const parsed = status.safeParse(found);
  if (parsed.success) return parsed.data;
  throw new MetergateError("ILLEGAL_RESPONSE", "the meter's status of a command is none");
}

function failed(tag: string, args: readonly string[]): MetergateError {
  const words = args.length > 0 ? `${tag} (${args.join(", ")})` : tag;
  return new MetergateError("DEVICE_REFUSED", `the command failed: ${words.slice(0, MOST_WORDS)}`);
}

/**
 * Has a meter do something that takes its time, and gives what came of it. Whoever is cut goes on with the token; without
 * one, what may be done again is, and of what may not nobody knows.
 * @param isHarmless whether the meter may do it twice
 * @throws MetergateError OUTCOME_UNKNOWN
 */
export async function performLong(
  context: OperationContext,
  path: string,
  body: unknown,
  { isHarmless }: { readonly isHarmless: boolean },
): Promise<unknown> {
  const before = await earlier<OperationNote>(context);
  if (before && before.token === undefined && !isHarmless) {
    throw unknownOutcome("The answer to the command got lost, and the meter does not tell what it has done");
  }
  let token = before?.token;
  if (token === undefined) {
    token = tokenIn(await sendOnce<OperationNote>(context, path, body, { sent: true }));
    await context.note({ sent: true, token } satisfies OperationNote);
  }
  const ending = await follow(context, { sent: true, token, looks: before?.looks });
  if (ending.kind === "done") return ending.result;
  throw unknownOutcome("The meter began the command and does not know it any more");
}
