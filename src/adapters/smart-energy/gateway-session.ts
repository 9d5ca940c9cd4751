import { MetergateError } from "../../domain/errors.ts";
import { plus, since, sleep } from "../../lib/clock.ts";
import { sha256Hex } from "../../lib/sha256.ts";
import { childText, leaf, node, type RpcElement } from "../../smart-energy/element.ts";
import type { SciReply } from "../../smart-energy/sci.ts";
import { awaitJob, type CloudGateway, type CloudParts, deliverReply, drainBuffer, requireReached } from "./buffer.ts";
import type { Message } from "./cloud-client.ts";
import { isNotice } from "./inbox.ts";

export interface SessionParts extends CloudParts {
  readonly gateway: CloudGateway;
  /** Whether the cloud answers with what the gateway says, or with a job. */
  readonly isSynchronous: boolean;
  /** How long to wait for an answer of the gateway, however it comes. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The gateway said something. */
  readonly heard: () => void;
}

/** A command and the name under which its answer is known. */
export interface Question {
  readonly command: string;
  readonly content: readonly RpcElement[];
  /** Names the action and its step: the same name gets the same answer. */
  readonly name: string;
  /** Keeps the number of the job, so that a later run can look after it. */
  readonly onJob?: (jobId: string) => Promise<void>;
}

/** When the buffer is looked into for an answer that did not come at once: each wait is twice the one before. */
const FIRST_LOOK_MS = 250;
const LONGEST_WAIT_MS = 8_000;

/** A conversation with one gateway through the cloud. */
export class GatewaySession {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /**
   * Has the gateway do something, and waits for its answer: with the reply, as the result of a job, in its buffer, or
   * pushed. What others said meanwhile goes its own way.
   * @throws MetergateError DEVICE_REFUSED when the gateway answers that it could not; RESPONSE_TIMEOUT when it answers
   * nothing; CONNECTION_ERROR when it is not reached; what the client throws
   */
  async ask(question: Question): Promise<RpcElement> {
    const { command, content, onJob } = question;
    const identifier = identifierOf(question);
    const element = node(command, { synchronous: "true" }, leaf("request_identifier", identifier), ...content);
    return this.#answerTo(question, async () => {
      const { client, gateway, isSynchronous, signal } = this.#parts;
      const message: Message = { deviceId: gateway.deviceId, target: "RPC_request", commands: [element] };
      if (isSynchronous) {
        const reply = await client.send(gateway.account, message, signal);
        await deliverReply(this.#parts.inbox, reply, gateway.account.cloud);
        return reply;
      }
      const jobId = await client.start(gateway.account, message, signal);
      await onJob?.(jobId);
      return this.#resultOf(jobId);
    });
  }

  /** The answer to a question that an earlier run asked by a job; undefined when the job does not tell. */
  async resume(jobId: string, question: Question): Promise<RpcElement | undefined> {
    try {
      return await this.#answerTo(question, () => this.#resultOf(jobId), true);
    } catch (error) {
      if (error instanceof MetergateError && error.code === "RESPONSE_TIMEOUT") return undefined;
      throw error;
    }
  }

  async #answerTo(question: Question, send: () => Promise<SciReply | undefined>, atOnce = false): Promise<RpcElement> {
    const { inbox, clock, gateway, timeoutMs, signal, heard } = this.#parts;
    const ends = plus(clock.elapsed(), timeoutMs);
    const got: { answer?: RpcElement | undefined } = {};
    const answered = new AbortController();
    const forget = inbox.expect({ deviceId: gateway.deviceId, identifier: identifierOf(question) }, (element) => {
      got.answer = element;
      answered.abort();
    });
    try {
      const reply = await send();
      if (reply && !got.answer) got.answer = nameless(requireReached(reply, gateway.deviceId)?.elements ?? []);
      let waitMs = FIRST_LOOK_MS;
      while (!got.answer && !atOnce && since(clock, ends) < 0 && !signal.aborted) {
        await sleep(clock, waitMs, AbortSignal.any([signal, answered.signal]));
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
        if (!got.answer) await drainBuffer(this.#parts, gateway, timeoutMs, signal);
      }
    } finally {
      forget();
    }
    if (!got.answer) {
      throw new MetergateError("RESPONSE_TIMEOUT", `the gateway did not answer ${question.command} in time`);
    }
    heard();
    return requireResponse(got.answer, question.command);
  }

  /** The result of a job, which the cloud then forgets. */
  async #resultOf(jobId: string): Promise<SciReply | undefined> {
    const { client, inbox, gateway, timeoutMs, signal } = this.#parts;
    const reply = await awaitJob(this.#parts, gateway.account, jobId, timeoutMs, signal);
    if (!reply) return undefined;
    // Delivered before the cloud forgets it, as the rest of what comes with it may be events.
    await deliverReply(inbox, reply, gateway.account.cloud);
    await client.forget(gateway.account, jobId, signal);
    return reply;
  }
}

/** Short, and nothing of the caller in it. */
function identifierOf({ name }: Question): string {
  return sha256Hex(name).slice(0, 32);
}

/** An error that a gateway told without saying what of: there is one question at a time. */
function nameless(elements: readonly RpcElement[]): RpcElement | undefined {
  return elements.find(
    (element) =>
      element.name === "message" && !isNotice(element) && childText(element, "request_identifier") === undefined,
  );
}

/** Words in which a gateway says that a node does not take its key any more. */
const NOT_JOINED = /key not authorized|0xBB\b/i;

function requireResponse(answer: RpcElement, command: string): RpcElement {
  if (answer.name === `${command}_response`) return answer;
  if (answer.name !== "message") {
    throw new MetergateError("ILLEGAL_RESPONSE", `the gateway answered ${command} with ${answer.name.slice(0, 60)}`);
  }
  const said = (childText(answer, "description") || "no reason given").replace(/\s+/g, " ").slice(0, 300);
  if (NOT_JOINED.test(said)) {
    throw new MetergateError("DEVICE_REFUSED", `the node has to be joined to the network again: ${said}`);
  }
  throw new MetergateError("DEVICE_REFUSED", `the gateway could not do it: ${said}`, { retry: true });
}
