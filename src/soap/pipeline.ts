import { MetergateError } from "../domain/errors.ts";
import type { Caller } from "../domain/request.ts";
import { whyNotOf } from "../http/peers.ts";
import type { Quota } from "../http/quota.ts";
import { type Clock, since } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { AnswerWriter } from "./answer.ts";
import { type Context, newContext, type SoapMessage, type Understood } from "./context.ts";
import { charsetOf, decodeText } from "./encoding.ts";
import { KnownHeads, openKnownEnvelope, payloadOf } from "./envelope.ts";
import { errorFault, isNotFinished, retryAfterSeconds, SoapFault } from "./fault.ts";
import type { Log } from "./log.ts";
import type { CallersPort, RequestsPort } from "./ports.ts";
import type { Routes } from "./routes.ts";
import { mayShowToken, type Security } from "./security/security.ts";
import { readHeaders } from "./steps/authenticate.ts";
import { decodePayload } from "./steps/decode.ts";
import { parseDocument } from "./steps/parse.ts";
import { scanDocument } from "./steps/scan.ts";
import { requireValid } from "./steps/validate.ts";

/** What goes back: an HTTP status and an envelope. */
export interface SoapAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  /** Of a long answer, what follows: each part is in the log when it is given. */
  readonly rest?: AsyncGenerator<Uint8Array, void> | undefined;
}

/** What handlers work with. */
export interface Front {
  /** Name of the service. */
  readonly service: string;
  readonly requests: RequestsPort;
  readonly callers: Pick<CallersPort, "admit">;
  readonly security: Security;
  readonly writer: AnswerWriter;
  readonly log: Log;
  /** Places for answers that are sent part by part. */
  readonly longAnswers: Pick<Quota, "take" | "give">;
}

/** Whoever has no certificate that is believed is not read at all, unless there are other ways to prove something. */
function requireCertificate(context: Context, { takesTokens }: Pick<Security, "takesTokens">): void {
  const { peer } = context.message;
  if (peer.kind !== "stranger" || (takesTokens && mayShowToken(peer))) return;
  context.isForeign = true;
  throw new SoapFault("Server", `Client certificate is untrusted or invalid: ${peer.reason}`);
}

/** Whoever has one speaks for the organisation that it names, in the words that callers of the public contract know. */
function requireOwnName(context: Context, { organisation }: Caller): void {
  const { peer } = context.message;
  const reason = peer.kind === "stranger" ? undefined : whyNotOf(peer, organisation);
  if (reason === undefined) return;
  context.isForeign = true;
  const text = `Client certificate is untrusted or invalid for organisation [${organisation}]: ${reason}`;
  throw new SoapFault("Server", text);
}

/** The steps up to the answer. They wait for nothing, so a document that is parsed is gone when they end. */
function understand(context: Context, routes: Routes, known: KnownHeads): asserts context is Understood {
  const { bytes } = context.message;
  context.charset = charsetOf(bytes, context.message.charset);
  const text = decodeText(bytes, context.charset);
  const bodyAt = scanDocument(text);
  context.step = "parse";
  const document = parseDocument(context.charset === "utf-8" ? bytes : text);
  try {
    const { headers, payload } = openKnownEnvelope(document, text, bodyAt, known);
    context.isParsed = true;
    context.step = "authenticate";
    context.headers = readHeaders(headers);
    if (context.headers.security) context.text = text;
    requireOwnName(context, context.headers.caller);
    context.step = "route";
    readPayload(context, routes, payload);
  } finally {
    document.dispose();
  }
}

/** The steps from what stands in the body to what it says. */
function readPayload(context: Context, routes: Routes, payload: ReturnType<typeof payloadOf>): void {
  context.route = routes.find(payload.namespaceUri, payload.name);
  context.step = "validate";
  requireValid(payload);
  context.isValid = true;
  context.step = "decode";
  context.content = decodePayload(payload, context.route.input);
}

/** Reads a body that was signed, in place of the one that stands in the message. */
function rereadBody(context: Context, routes: Routes, body: string): void {
  const document = parseDocument(body);
  try {
    const payload = payloadOf(document.root);
    context.isValid = false;
    readPayload(context, routes, payload);
  } finally {
    document.dispose();
  }
}

/** One service: takes a message, gives the answer, and sees to it that the log has both before anybody gets it. */
export class Pipeline {
  readonly #front: Front;
  readonly #routes: Routes;
  readonly #logger: Pick<Logger, "debug" | "warn" | "error">;
  readonly #clock: Clock;
  readonly #onRefused: (code: string) => void;
  readonly #known = new KnownHeads();

  constructor(
    front: Front,
    routes: Routes,
    logger: Pick<Logger, "debug" | "warn" | "error">,
    clock: Clock,
    onRefused: (code: string) => void = () => {},
  ) {
    this.#onRefused = onRefused;
    this.#front = front;
    this.#routes = routes;
    this.#logger = logger;
    this.#clock = clock;
  }

  /** Whatever goes wrong is answered with a fault; rejects only when not even that can be written. */
  async answer(message: SoapMessage): Promise<SoapAnswer> {
    const start = this.#clock.elapsed();
    const context = newContext(message);
    const answer = await this.#answer(context);
    const { route, headers, device, correlationUid } = context;
    this.#logger.debug(
      {
        operation: route?.name,
        organisation: headers?.caller.organisation,
        device,
        correlationUid,
        status: answer.status,
        ms: Math.round(since(this.#clock, start)),
      },
      "a message was answered",
    );
    return answer;
  }

  /** Answers with a fault to a message whose octets nobody has, because they were too many or not what they should be. */
  refuseUnread(fault: SoapFault, message: Pick<SoapMessage, "source" | "peer">): Promise<SoapAnswer> {
    return this.#refuse(fault, newContext({ ...message, bytes: Buffer.alloc(0), charset: undefined }));
  }

  async #answer(context: Context): Promise<SoapAnswer> {
    try {
      requireCertificate(context, this.#front.security);
      understand(context, this.#routes, this.#known);
      context.step = "answer";
      await this.#prove(context);
      const { bytes, rest, isLogged } = await context.route.handle(context, this.#front);
      if (rest) return await this.#begin(context, bytes, rest);
      if (!isLogged) await this.#front.log.append(context, bytes);
      return { status: 200, bytes };
    } catch (error) {
      return this.#refuse(error, context);
    }
  }

  /**
   * A long answer, of which the log has each part before anybody gets it. It holds some memory until whoever asked has
   * read it, so there are only so many at a time; its place is free when all of it was taken, or the rest is given up.
   * @throws MetergateError SERVICE_BUSY
   */
  async #begin(context: Context, bytes: Buffer, rest: AsyncGenerator<Buffer, void>): Promise<SoapAnswer> {
    const { log, longAnswers } = this.#front;
    const { source } = context.message;
    if (!longAnswers.take(source)) {
      throw new MetergateError("SERVICE_BUSY", "Too many long answers are being sent; ask again");
    }
    try {
      await log.appendPart(context, bytes, 1);
    } catch (error) {
      longAnswers.give(source);
      throw error;
    }
    async function* logged() {
      try {
        let part = 2;
        for await (const next of rest) {
          await log.appendPart(context, next, part++);
          yield next;
        }
      } finally {
        longAnswers.give(source);
      }
    }
    return { status: 200, bytes, rest: logged() };
  }

  /** What a message still has to prove when it is known who says that it is theirs. */
  async #prove(context: Understood): Promise<void> {
    const { callers, security } = this.#front;
    const organisation = await callers.admit(context.headers.caller.organisation);
    try {
      const signed = await security.require(context, organisation);
      if (signed !== undefined) rereadBody(context, this.#routes, signed);
    } catch (error) {
      context.isForeign = error instanceof SoapFault && error.faultCode !== "MustUnderstand";
      throw error;
    }
    context.signer = security.signerFor(organisation);
    context.step = "answer";
  }

  async #refuse(error: unknown, context: Context): Promise<SoapAnswer> {
    const fault = this.#faultOf(error, context);
    this.#onRefused(error instanceof MetergateError ? error.code : fault.faultCode);
    const { headers, signer } = context;
    const bytes = this.#front.writer.fault(fault, { addressing: headers?.addressing, action: undefined, signer });
    try {
      if (isNotFinished(error)) this.#front.log.notePoll(context, bytes);
      else await this.#front.log.appendRefusal(context, bytes, retryAfterSeconds(error) !== undefined);
    } catch (cause) {
      // The refusal changed nothing, so it may go out all the same; what is missing in the log is told here.
      this.#tell(cause, context, "a refused message could not be logged");
    }
    const retryAfter = retryAfterSeconds(error);
    if (retryAfter === undefined) return { status: 500, bytes };
    return { status: 503, bytes, headers: { "retry-after": String(retryAfter) } };
  }

  #faultOf(error: unknown, context: Context): SoapFault {
    if (error instanceof SoapFault) return error;
    if (!(error instanceof MetergateError) || error.code === "INTERNAL") {
      this.#tell(error, context, "a message could not be answered");
    }
    return errorFault(error);
  }

  #tell(err: unknown, { step, route, correlationUid }: Context, text: string): void {
    this.#logger.error({ err, service: this.#front.service, step, operation: route?.name ?? "", correlationUid }, text);
  }
}
