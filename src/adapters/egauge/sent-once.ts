import { MetergateError } from "../../domain/errors.ts";
import { isKnownUnsent } from "../../transport/http-errors.ts";
import type { OperationContext } from "./execution.ts";

/** What is noted of a command before it is sent. */
export interface SentNote {
  readonly sent: true;
}

/** What an earlier run noted, if it may have sent the command. */
export async function earlier<N extends SentNote>(context: Pick<OperationContext, "noted">): Promise<N | undefined> {
  const noted = (await context.noted()) as Partial<N> | undefined;
  return noted?.sent ? (noted as N) : undefined;
}

/**
 * Sends a command that is not to be sent twice: that it was, is on paper first. What fails before, or is known not to have
 * gone out, leaves nothing there.
 * @param note with what the next run needs to see whether it was carried out
 */
export async function sendOnce<N extends SentNote>(
  { meter, note: keep }: Pick<OperationContext, "meter" | "note">,
  path: string,
  body: unknown,
  note: N,
): Promise<unknown> {
  await meter.token();
  await keep(note);
  try {
    return await meter.call({ method: "POST", path, body });
  } catch (error) {
    if (isKnownUnsent(error)) await keep({});
    throw error;
  }
}

/** @param why what could be looked at, and shows nothing */
export function unknownOutcome(why: string): MetergateError {
  return new MetergateError("OUTCOME_UNKNOWN", `${why}. It was not sent again.`);
}
