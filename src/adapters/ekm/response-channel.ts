import { MetergateError } from "../../domain/errors.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import { type CommandAnswer, decodeAnswer } from "./codec/send-command.ts";
import type { MessageSocket } from "./ports.ts";

/** Characters of messages that are kept although nobody asked for them yet: that of a command may come before its id. */
const MOST_EARLY = 1_048_576;
/** How long a channel is listened to after the last one who needed it: the next command finds it open. */
const LINGER_MS = 60_000;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

type Listen = (backlog: boolean, signal: AbortSignal) => Promise<MessageSocket>;

/**
 * One response channel, listened to as long as somebody needs it. What is cut is opened anew, with what was said there
 * meanwhile. A channel may carry others' messages, in any order, late, twice: only a message with the id of a command of
 * ours is an answer, and only the first one.
 */
export class ResponseChannel {
  readonly #listen: Listen;
  readonly #clock: Clock;
  readonly #onIdle: () => void;
  readonly #waiting = new Map<string, (answer: CommandAnswer) => void>();
  readonly #early = new Map<string, { readonly answer: CommandAnswer; readonly size: number }>();
  #earlySize = 0;
  readonly #stopping = new AbortController();
  readonly #waitingToStand = new Set<() => void>();
  #needs = 0;
  #isStanding = false;
  #wasStanding: boolean;
  #lastError: unknown;
  #cancelLinger = () => {};

  /** @param wasStanding begin with what was said before */
  constructor(parts: { listen: Listen; clock: Clock; wasStanding: boolean; onIdle: () => void }) {
    this.#listen = parts.listen;
    this.#clock = parts.clock;
    this.#wasStanding = parts.wasStanding;
    this.#onIdle = parts.onIdle;
    void this.#run();
  }

  /** Keeps the channel open until the returned function is called. */
  need(): () => void {
    this.#cancelLinger();
    this.#needs += 1;
    let isNeeded = true;
    return () => {
      if (!isNeeded) return;
      isNeeded = false;
      this.#needs -= 1;
      if (this.#needs > 0) return;
      this.#early.clear();
      this.#earlySize = 0;
      this.#cancelLinger = this.#clock.after(LINGER_MS, () => this.close());
    };
  }

  /** Nobody waits for anything that is said there. */
  get isIdle(): boolean {
    return this.#needs === 0;
  }

  close(): void {
    this.#cancelLinger();
    this.#stopping.abort();
    this.#onIdle();
  }

  /**
   * Resolves when the subscription stands.
   * @throws MetergateError CONNECTION_ERROR when it does not within `timeoutMs`
   */
  async standing(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (this.#isStanding) return;
    const late = new AbortController();
    const cancel = this.#clock.after(timeoutMs, () => late.abort());
    const ends = AbortSignal.any([late.signal, signal, this.#stopping.signal]);
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#waitingToStand.delete(done);
        ends.removeEventListener("abort", done);
        resolve();
      };
      this.#waitingToStand.add(done);
      if (ends.aborted) done();
      else ends.addEventListener("abort", done, { once: true });
    });
    cancel();
    if (this.#isStanding) return;
    const cause = this.#lastError;
    const why = cause instanceof MetergateError ? cause.message : "no answer in time";
    throw new MetergateError("CONNECTION_ERROR", `the channel for answers cannot be listened to: ${why}`, { cause });
  }

  /** The answer to a command; never rejects, and never resolves when none comes or the wait is aborted. */
  answerTo(msgId: string, signal: AbortSignal): Promise<CommandAnswer> {
    return new Promise((resolve) => {
      const early = this.#early.get(msgId);
      if (early) return resolve(early.answer);
      this.#waiting.set(msgId, resolve);
      signal.addEventListener("abort", () => this.#waiting.delete(msgId), { once: true });
    });
  }

  #take(text: string): void {
    const answer = decodeAnswer(text);
    if (!answer) return;
    const take = this.#waiting.get(answer.msgId);
    if (take) {
      this.#waiting.delete(answer.msgId);
      take(answer);
    } else if (this.#needs > 0 && !this.#early.has(answer.msgId)) {
      this.#early.set(answer.msgId, { answer, size: text.length });
      this.#earlySize += text.length;
      for (const [oldest, { size }] of this.#early) {
        if (this.#earlySize <= MOST_EARLY) break;
        this.#early.delete(oldest);
        this.#earlySize -= size;
      }
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let waitMs = FIRST_WAIT_MS; !signal.aborted; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      try {
        const socket = await this.#listen(this.#wasStanding, signal);
        try {
          this.#isStanding = this.#wasStanding = true;
          waitMs = FIRST_WAIT_MS;
          for (const done of this.#waitingToStand) done();
          for await (const text of socket.messages) this.#take(text);
        } finally {
          socket.close();
        }
      } catch (error) {
        this.#lastError = error;
      }
      this.#isStanding = false;
      await sleep(this.#clock, waitMs, signal);
    }
  }
}
