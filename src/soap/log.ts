import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { LogEntry } from "../message-log/message-log.ts";
import type { Context } from "./context.ts";
import { type Kept, keptOf, keptOfStranger, redact } from "./kept.ts";
import type { PollLog } from "./poll-log.ts";
import type { CallersPort, MessageLogPort } from "./ports.ts";
import type { RefusalBudget } from "./refusal-budget.ts";

export interface LogParts {
  readonly messageLog: MessageLogPort;
  readonly callers: CallersPort;
  readonly logger: Pick<Logger, "debug" | "warn" | "error">;
  readonly clock: Clock;
}

/** What the log gets to see of messages and answers. */
export class Log {
  readonly #service: string;
  readonly #parts: LogParts;
  readonly #polls: PollLog;
  readonly #budget: RefusalBudget;

  /** @param shared of all services */
  constructor(service: string, parts: LogParts, shared: { polls: PollLog; budget: RefusalBudget }) {
    this.#service = service;
    this.#parts = parts;
    this.#polls = shared.polls;
    this.#budget = shared.budget;
  }

  /** What is kept of a message in place of its bytes, if anything. */
  kept(context: Context): Kept | undefined {
    return keptOf(context);
  }

  /** The two entries of a message and its answer. */
  entries(context: Context, answer: Buffer | Uint8Array): LogEntry[] {
    const common = this.#common(context);
    const out = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
    return [
      { direction: "in", body: context.message.bytes, redacted: keptOf(context), ...common },
      { direction: "out", body: answer, redacted: redact(out, "utf-8"), ...common },
    ];
  }

  /** Resolves once both entries are durable. */
  append(context: Context, answer: Uint8Array): Promise<void> {
    return this.#parts.messageLog.append(...this.entries(context, answer));
  }

  /** Resolves once a part of an answer is durable, the first one together with the message. @param part from 1 */
  appendPart(context: Context, answer: Buffer, part: number): Promise<void> {
    const [message, answered] = this.entries(context, answer) as [LogEntry, LogEntry];
    const named = { ...answered, operation: `${answered.operation} part ${part}` };
    return this.#parts.messageLog.append(...(part === 1 ? [message, named] : [named]));
  }

  /**
   * The same for a refusal, of which little is kept when nobody knows its sender.
   * @param mayBeMany as when its sender sends too much, and was told to send it again: then some are kept, as of strangers
   */
  async appendRefusal(context: Context, answer: Uint8Array, mayBeMany: boolean): Promise<void> {
    const isKnown = await this.#isSenderKnown(context);
    const { organisation = "" } = context.headers?.caller ?? {};
    if (isKnown && (!mayBeMany || this.#budget.allows(`organisation ${organisation}`)))
      return this.append(context, answer);
    if (isKnown || !this.#budget.allows(context.message.source)) return;
    const common = this.#common(context);
    const answered = { ...context, message: { ...context.message, bytes: Buffer.from(answer) } };
    const out = { ...answered, charset: "utf-8", isParsed: true, isValid: true } as const;
    await this.#parts.messageLog.append(
      { ...common, class: "stranger", direction: "in", body: context.message.bytes, redacted: keptOfStranger(context) },
      { ...common, class: "stranger", direction: "out", body: answer, redacted: keptOfStranger(out) },
    );
  }

  /** Takes down that a request was asked for that is not finished; see `PollLog`. */
  notePoll(context: Context, answer: Uint8Array): void {
    this.#polls.note({ received: context.message.bytes, answered: answer, ...this.#common(context) });
  }

  async #isSenderKnown({ headers, isForeign = false }: Context): Promise<boolean> {
    return (
      headers !== undefined &&
      !isForeign &&
      (await this.#parts.callers.isOrganisationKnown(headers.caller.organisation))
    );
  }

  #common({ route, headers, device, correlationUid }: Context) {
    const caller = headers?.caller;
    return { service: this.#service, operation: route?.name ?? "", caller, device, correlationUid };
  }
}
