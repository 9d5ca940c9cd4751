import { MetergateError } from "../../../domain/errors.ts";
import { toHex } from "../../../lib/bytes.ts";
import { findMessageLogs } from "../../../operations/management/find-message-logs.ts";
import { execution, type PlatformContext } from "../execution.ts";

const MESSAGES_PER_PAGE = 30;
/** Characters of the longest text that clients of the public contract get. */
const LONGEST_TEXT = 8000;

/** What was pushed to the caller's organisation and what was kept of its requests while the device was debugged, the newest first. */
export const findMessageLogsExecution = execution(findMessageLogs, async (context, { page }) => {
  const { messages, target, caller } = context;
  const { organisation } = caller;
  const pages = Math.ceil((await messages.countOfDevice(target.identification, organisation)) / MESSAGES_PER_PAGE);
  const range = { offset: page * MESSAGES_PER_PAGE, limit: MESSAGES_PER_PAGE, organisation };
  const kept = page < pages ? await messages.ofDevice(target.identification, range) : [];
  if (kept.length === 0) {
    const text = `There is no page ${page} of messages of ${target.identification}: there are ${pages}`;
    throw new MetergateError("NOT_FOUND", text);
  }
  return { pages, messages: kept.map((message) => toMessage(context, message)) };
});

function toMessage(
  { target, explain }: PlatformContext,
  { leaf, stored }: Awaited<ReturnType<PlatformContext["messages"]["ofDevice"]>>[number],
) {
  const { timeMs, organisation, service, operation, correlationUid, direction } = leaf;
  // A push is in the form of its transport; what it says is with its alarms.
  const isReadable = stored && service === target.family;
  const { text, isValid } = isReadable
    ? explain(target.family, stored)
    : { text: stored ? service : "erased", isValid: true };
  return {
    ...{ timeMs, organisation, device: target.identification },
    decoded: `${operation}, ${correlationUid}: ${text}`.slice(0, LONGEST_TEXT),
    encoded: toHex(stored?.subarray(0, LONGEST_TEXT / 2) ?? new Uint8Array()),
    incoming: direction === "from-device",
    valid: isValid,
  };
}
