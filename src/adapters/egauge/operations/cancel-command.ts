import { MetergateError } from "../../../domain/errors.ts";
import { cancelCommand } from "../../../operations/egauge/cancel-command.ts";
import { execution, type OperationContext } from "../execution.ts";
import type { OperationNote } from "../long-operation.ts";

/** The token of the command that another request has the meter do. */
async function tokenOf(context: OperationContext, correlationUid: string): Promise<string> {
  const noted = (await context.notedBy(correlationUid)) as Partial<OperationNote> | undefined;
  if (noted?.token !== undefined) return noted.token;
  throw new MetergateError("VALIDATION_ERROR", "the meter does nothing for that request that could be cancelled");
}

/**
 * Asks the meter to end a command; the request that waits for it then tells how it ended. Where there is nothing to cancel
 * any more, the wish has come true: meters tell that in words that nobody has listed.
 */
export const cancelCommandExecution = execution(cancelCommand, {
  async run(context, { correlationUid, token }) {
    const { meter } = context;
    const named = token ?? (await tokenOf(context, correlationUid!));
    try {
      await meter.call({ method: "POST", path: "/cmd/cancel", body: { token: named } });
    } catch (error) {
      const isRefused = error instanceof MetergateError && error.code === "DEVICE_REFUSED";
      if (!isRefused || error === meter.failure) throw error;
      await requireRights(context);
    }
    return {};
  },
});

/** A user who may not cancel is refused, and that is no wish that came true. */
async function requireRights({ meter }: OperationContext): Promise<void> {
  const answer = (await meter.call({ method: "GET", path: "/auth/rights" })) as { rights?: unknown } | undefined;
  const rights = Array.isArray(answer?.rights) ? answer.rights : [];
  if (!rights.includes("save")) throw new MetergateError("DEVICE_REFUSED", "the meter's user has no right to this");
}
