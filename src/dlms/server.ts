import type { AarqApdu, Apdu, ReleaseApdu } from "./apdu.ts";
import { decodeApdu, encodeApdu } from "./apdu-codec.ts";
import { EXCEPTIONS, HLS_METHOD, kindOf, SERVER_STEPS, type ServerState, unexpectedApdu } from "./association.ts";
import { DEFAULT_MAX_BLOCKS } from "./blocks.ts";
import { checkConformance } from "./conformance.ts";
import { cosem } from "./data.ts";
import { asDlmsError, DlmsError } from "./errors.ts";
import { checkWindow, DEFAULT_GENERAL_BLOCK_WINDOW, encodeUnconfirmedBlocks } from "./general-block-transfer.ts";
import type { Link, LinkEvent } from "./link.ts";
import type { NotificationApdu } from "./notification.ts";
import { type CipheringForm, maxPlainLength } from "./secure-channel.ts";
import type { CipherKeys } from "./security.ts";
import { type Association, answerAarq, cipheringOf } from "./server-association.ts";
import type { DlmsServerOptions, ServerCiphering, ServerEvent } from "./server-options.ts";
import type { ServiceRequest, ServiceResponse } from "./services.ts";

const DEFAULT_MAX_REQUEST_LENGTH = 1024 * 1024;

/**
 * The server's side of one connection: one association at a time. Octets go in with `receive`; what comes of it, and
 * of each call, is fetched with `nextEvent` until there is none. Requests are answered with `respond`.
 */
export class DlmsServer {
  readonly #options: DlmsServerOptions;
  readonly #link: Link;
  /** What goes out is given before all else: an application that closes the transport then cuts nothing off. */
  readonly #outputs: ServerEvent[] = [];
  readonly #events: ServerEvent[] = [];
  #state: ServerState = "unassociated";
  #association: Association | undefined;
  /** Of the association that is there or was asked for last. */
  #ciphering: ServerCiphering | undefined;
  /** How the last APDU was ciphered, which its answer follows; undefined when it came plain. */
  #form: CipheringForm | undefined;

  /** @throws DlmsError `local/invalid-value` when an option cannot be. */
  constructor(options: DlmsServerOptions) {
    if (options.generalBlockWindow !== undefined) checkWindow(options.generalBlockWindow);
    this.#options = options;
    this.#link = options.link;
  }

  get state(): ServerState {
    return this.#state;
  }

  /** Lowest counter that the client of the present association may use next with its global key. */
  get lowestClientCounter(): number | undefined {
    return this.#association?.channel?.lowestPeerCounter;
  }

  /** Takes octets from the transport in; never throws. */
  receive(bytes: Uint8Array): void {
    let failure: unknown;
    try {
      this.#link.receive(bytes);
    } catch (error) {
      failure = error;
    }
    this.#pump();
    if (failure !== undefined) this.#events.push({ type: "closed", error: asDlmsError(failure) });
  }

  nextEvent(): ServerEvent | undefined {
    return this.#outputs.shift() ?? this.#events.shift();
  }

  /**
   * Answers the last request.
   * @throws DlmsError `local/illegal-state` when none waits for this answer, `local/invalid-value` when it cannot be
   * encoded.
   */
  respond(response: ServiceResponse): void {
    const association = this.#requireAssociation();
    this.#answer(association.exchange.respond(response, this.#maxAnswerLength(association)));
    this.#pump();
  }

  /** Answers with an exception-response instead, plain as meters do. */
  refuse(stateError: number, serviceError: number, expectedInvocationCounter?: number): void {
    this.#send(encodeApdu({ type: "exception-response", stateError, serviceError, expectedInvocationCounter }));
    this.#pump();
  }

  /**
   * Sends a notification to the associated client, as general-glo when the association is ciphered, in blocks that ask
   * for no acknowledgement when it is long and the client takes such.
   */
  notify(apdu: NotificationApdu): void {
    const { channel, blocks, maxSendPduSize } = this.#requireAssociation();
    const sealed = this.#seal(encodeApdu(apdu), channel && "general-glo");
    if (!sealed) return;
    this.#put(blocks && sealed.length > maxSendPduSize ? encodeUnconfirmedBlocks(sealed, maxSendPduSize) : [sealed]);
    this.#pump();
  }

  /**
   * Goes on with other keys, from the next APDU on.
   * @throws DlmsError `local/illegal-state` when there is no ciphered association.
   */
  changeKeys(keys: CipherKeys): void {
    const { channel } = this.#requireAssociation();
    if (!channel) throw new DlmsError("local/illegal-state", "the association is not ciphered");
    channel.changeKeys(keys);
  }

  #requireAssociation(): Association {
    if (this.#association) return this.#association;
    throw new DlmsError("local/illegal-state", "there is no association", { state: this.#state });
  }

  #pump(): void {
    for (let event = this.#link.nextEvent(); event; event = this.#link.nextEvent()) this.#onLinkEvent(event);
  }

  #onLinkEvent(event: LinkEvent): void {
    switch (event.type) {
      case "send":
        this.#outputs.push(event);
        break;
      case "frame-dropped":
        this.#events.push(event);
        break;
      case "opened":
        this.#end();
        break;
      case "closed":
        this.#end();
        this.#events.push(event);
        break;
      case "apdu":
        try {
          this.#onApdu(event.bytes, event.client, event.server);
        } catch (error) {
          this.#onFault(error);
        }
        break;
    }
  }

  #onApdu(bytes: Uint8Array, client: number, server: number): void {
    const outer = decodeApdu(bytes);
    const association = this.#association;
    // Another client, or another logical device, on the same connection has no part in the association.
    const isPeer = association?.client === client && association.server === server;
    const blocks = isPeer ? association.blocks : undefined;
    if (outer.type !== "general-block" || !blocks) {
      blocks?.reset();
      this.#onWholeApdu(outer, client, server, isPeer ? association : undefined);
      return;
    }
    const { send, apdu } = blocks.receive(outer);
    this.#put(send);
    if (apdu) this.#onWholeApdu(decodeApdu(apdu), client, server, association);
  }

  /** @param association with this client, if there is one */
  #onWholeApdu(outer: Apdu, client: number, server: number, association: Association | undefined): void {
    const state = association ? this.#state : "unassociated";
    const channel = association?.channel;
    const opened = outer.type === "ciphered" && channel ? channel.open(outer) : undefined;
    this.#form = opened?.form;
    const apdu = opened ? decodeApdu(opened.apdu) : outer;
    const step = SERVER_STEPS[state][kindOf(apdu)];
    if (channel && !opened && (step === "serve" || step === "authenticate")) {
      throw new DlmsError("security/unciphered", `${apdu.type} came plain in a ciphered association`);
    }
    switch (step) {
      case "associate":
        this.#onAarq(apdu as AarqApdu, client, server);
        break;
      case "authenticate":
        this.#onPass3(apdu);
        break;
      case "serve":
        this.#onRequest(apdu);
        break;
      case "release":
        this.#onRelease(apdu as ReleaseApdu);
        break;
      default:
        throw unexpectedApdu(apdu, state);
    }
  }

  #onAarq(aarq: AarqApdu, client: number, server: number): void {
    this.#end();
    const options = this.#options.association(client, server);
    this.#ciphering = options && cipheringOf(options.security);
    const { random, maxRequestLength = DEFAULT_MAX_REQUEST_LENGTH, maxBlocks = DEFAULT_MAX_BLOCKS } = this.#options;
    const { generalBlockWindow = DEFAULT_GENERAL_BLOCK_WINDOW } = this.#options;
    const limits = { maxLength: maxRequestLength, maxBlocks };
    const context = { client, server, random, limits, generalBlockWindow };
    const { aare, association } = answerAarq(aarq, options, context);
    this.#association = association;
    this.#send(aare);
    if (association?.challenges) this.#state = "authenticating";
    else if (association) this.#associated(association);
  }

  /** Verifies the client's token and answers with this side's; until then nothing else is allowed. */
  #onPass3(apdu: Apdu): void {
    const association = this.#requireAssociation();
    const { exchange, challenges } = association;
    const channel = association.channel!;
    const step = exchange.receive(apdu, this.#maxAnswerLength(association));
    const token = "request" in step ? hlsTokenOf(step.request) : undefined;
    if (!token) throw unexpectedApdu(apdu, this.#state);
    if (!channel.keys.verifiesHlsToken(token, channel.peerSystemTitle!, challenges!.server)) {
      const error = new DlmsError("security/authentication", "the client did not prove that it holds the keys");
      this.#events.push({ type: "fault", error });
      this.#answer(
        exchange.respond({ type: "action", results: [{ result: "other-reason" }] }, Number.POSITIVE_INFINITY),
      );
      return;
    }
    const reply = channel.keys.hlsToken(channel.ownSystemTitle, channel.nextCounter(), challenges!.client);
    const returned = { data: cosem.octetString(reply) };
    const response: ServiceResponse = { type: "action", results: [{ result: "success", returned }] };
    this.#answer(exchange.respond(response, Number.POSITIVE_INFINITY));
    this.#associated(association);
  }

  #associated({ client, server, channel }: Association): void {
    this.#state = "associated";
    this.#events.push({ type: "associated", client, server, clientSystemTitle: channel?.peerSystemTitle });
  }

  #onRequest(apdu: Apdu): void {
    const association = this.#requireAssociation();
    checkConformance(apdu, association.conformance, "remote");
    const step = association.exchange.receive(apdu, this.#maxAnswerLength(association));
    if ("send" in step) this.#answer(step.send);
    else this.#events.push({ type: "request", request: step.request });
  }

  #onRelease(rlrq: ReleaseApdu): void {
    this.#send(encodeApdu({ type: "rlre", reason: rlrq.reason === undefined ? undefined : 0 }));
    this.#end();
    this.#events.push({ type: "released" });
  }

  #end(): void {
    this.#state = "unassociated";
    this.#association = undefined;
  }

  /** Tells the application, and the client as far as the standard has a word for it. */
  #onFault(thrown: unknown): void {
    const error = asDlmsError(thrown);
    this.#events.push({ type: "fault", error });
    switch (error.code) {
      case "security/counter":
        this.#answerReplay(Number(error.context.expected));
        break;
      case "security/tag":
        this.#except(EXCEPTIONS.decipheringError);
        break;
      case "remote/unexpected-apdu":
      case "security/unciphered":
        this.#except(EXCEPTIONS.notAllowed);
        break;
      default:
        this.#except(EXCEPTIONS.notSupported);
        break;
    }
  }

  #answerReplay(expectedInvocationCounter: number): void {
    switch (this.#ciphering?.replayAnswer) {
      case "silence":
        break;
      case "deciphering-error":
        this.#except(EXCEPTIONS.decipheringError);
        break;
      default:
        this.#except({ ...EXCEPTIONS.invocationCounterError, expectedInvocationCounter });
        break;
    }
  }

  #except(numbers: { stateError: number; serviceError: number; expectedInvocationCounter?: number }): void {
    this.#send(encodeApdu({ type: "exception-response", ...numbers }));
  }

  /** Octets of the longest plain answer; general blocks carry any. */
  #maxAnswerLength({ maxSendPduSize, blocks }: Association): number {
    if (blocks) return Number.POSITIVE_INFINITY;
    return this.#form ? maxPlainLength(maxSendPduSize, this.#form) : maxSendPduSize;
  }

  /** Sends an answer in the form in which its request came. */
  #answer(apdu: Uint8Array): void {
    const { blocks, maxSendPduSize } = this.#association!;
    const sealed = this.#seal(apdu, this.#form);
    if (!sealed) return;
    this.#put(blocks && sealed.length > maxSendPduSize ? blocks.start(sealed, maxSendPduSize) : [sealed]);
  }

  /** Sends a plain APDU that always fits. */
  #send(apdu: Uint8Array): void {
    const plain = this.#seal(apdu, undefined);
    if (plain) this.#put([plain]);
  }

  #seal(apdu: Uint8Array, form: CipheringForm | undefined): Uint8Array | undefined {
    const { hooks } = this.#options;
    const plain = hooks?.plain ? hooks.plain(apdu) : apdu;
    return plain && form ? this.#association!.channel!.seal(plain, form) : plain;
  }

  #put(apdus: readonly Uint8Array[]): void {
    const { hooks } = this.#options;
    for (const apdu of apdus) {
      const sent = hooks?.sealed ? hooks.sealed(apdu) : apdu;
      if (sent) this.#link.send(sent);
    }
  }
}

/** The client's HLS token, when the request is the one that carries it. */
function hlsTokenOf(request: ServiceRequest): Uint8Array | undefined {
  if (request.type !== "action" || request.methods.length !== 1) return undefined;
  const [method] = request.methods;
  const [parameter] = request.parameters;
  const isHls =
    method?.classId === HLS_METHOD.classId &&
    method.logicalName === HLS_METHOD.logicalName &&
    method.method === HLS_METHOD.method;
  return isHls && parameter?.type === "octet-string" ? parameter.value : undefined;
}
