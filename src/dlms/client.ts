import type { AareApdu, GeneralBlockApdu } from "./apdu.ts";
import { decodeApdu, encodeApdu, isGeneralBlockTag, isNotificationTag } from "./apdu-codec.ts";
import { CLIENT_STEPS, type ClientState, kindOf, refusalError, unexpectedApdu } from "./association.ts";
import { type BlockLimits, DEFAULT_MAX_BLOCKS } from "./blocks.ts";
import {
  encodeAssociationRequest,
  negotiate,
  openChannel,
  requireProof,
  tokenRefused,
  tokenRequest,
} from "./client-association.ts";
import type { ClientExchange, ExchangeStep } from "./client-exchange.ts";
import { Incoming, isUnusable } from "./client-incoming.ts";
import {
  type ClientCiphering,
  type ClientEvent,
  checkClientOptions,
  type DlmsClientOptions,
  type Negotiated,
} from "./client-options.ts";
import type { Deliver } from "./delivered-get.ts";
import { asDlmsError, DlmsError } from "./errors.ts";
import {
  DEFAULT_GENERAL_BLOCK_WINDOW,
  type GeneralBlockStep,
  GeneralBlockTransfer,
  isUnconfirmedBlock,
} from "./general-block-transfer.ts";
import type { Link, LinkEvent } from "./link.ts";
import { newExchange } from "./new-exchange.ts";
import { NotificationIntake } from "./notification-intake.ts";
import { type CipheringForm, maxPlainLength, type SecureChannel } from "./secure-channel.ts";
import type { CipherKeys } from "./security.ts";
import type { ServiceRequest } from "./services.ts";

const DEFAULT_MAX_ANSWER_LENGTH = 2 * 1024 * 1024;
const DEFAULT_MAX_NOTIFICATIONS = 1_000;
const INVOKE_ID_MASK = 0x0f;

/** How a request is to be made. */
export interface RequestOptions {
  readonly highPriority?: boolean | undefined;
  readonly deliver?: Deliver | undefined;
}

/**
 * The client's side of one association, from connecting to release. Octets go in with `receive`; what comes of it,
 * and of each call, is fetched with `nextEvent` until there is none. One request at a time.
 */
export class DlmsClient {
  readonly #options: DlmsClientOptions;
  readonly #link: Link;
  readonly #ciphering: ClientCiphering | undefined;
  readonly #channel: SecureChannel | undefined;
  /** What goes out is given before all else: an application that closes the transport then cuts nothing off. */
  readonly #outputs: ClientEvent[] = [];
  readonly #events: ClientEvent[] = [];
  #state: ClientState = "idle";
  #negotiated: Negotiated | undefined;
  #invokeId = 0;
  #exchange: ClientExchange | undefined;
  readonly #blocks: GeneralBlockTransfer;
  readonly #notifications: NotificationIntake;
  readonly #incoming: Incoming;

  /** @throws DlmsError `security/key`, `local/invalid-value` when the options cannot be. */
  constructor(options: DlmsClientOptions) {
    const { security } = options;
    checkClientOptions(options);
    this.#options = options;
    this.#link = options.link;
    this.#ciphering = security.type === "none" ? undefined : security.ciphering;
    this.#channel = this.#ciphering && openChannel(this.#ciphering);
    this.#incoming = new Incoming(this.#channel, options.onApdu, () => this.#state);
    const { maxNotifications = DEFAULT_MAX_NOTIFICATIONS } = options;
    this.#notifications = new NotificationIntake(maxNotifications, (event) => this.#events.push(event));
    const window = options.generalBlockWindow ?? DEFAULT_GENERAL_BLOCK_WINDOW;
    this.#blocks = new GeneralBlockTransfer({ side: "client", limits: this.#answerLimits, window });
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Opens the link and the association; ends in `associated` or `failed`. */
  connect(): void {
    this.#require("idle");
    this.#state = "linking";
    this.#link.open();
    this.#pump();
  }

  /**
   * Makes a request; ends in `response`, `refused` or `failed`.
   * @throws DlmsError `local/illegal-state` unless associated without a request under way, `local/invalid-value` when it
   * cannot be encoded or is too long for the server, `local/not-negotiated` when it needs what the server did not agree
   * to (the `missing` bit is in the context), `local/counter-exhausted`. Then nothing has been sent. What is read in a
   * list is read one by one where the server takes no lists.
   * @param options.deliver of a GET of one attribute with logical names: takes its value as it comes when it comes in
   * blocks, and the request ends in `delivered`. What it throws ends the request, or the association, as if the server had
   * sent what cannot be read.
   */
  request(request: ServiceRequest, options: RequestOptions = {}): void {
    this.#require("associated");
    const exchange = this.#newExchange(request, options.highPriority ?? false, this.#form, options.deliver);
    this.#notifications.reset();
    this.#blocks.reset();
    this.#sendService(exchange.start(), this.#form);
    this.#exchange = exchange;
    this.#state = "requesting";
    this.#pump();
  }

  /** Ends the association, also in the middle of a request; ends in `released`, whatever the server says to it. */
  release(): void {
    switch (this.#state) {
      case "associated":
      case "requesting":
      case "authenticating":
        this.#state = "releasing";
        this.#send(encodeApdu({ type: "rlrq", reason: 0 }));
        break;
      case "idle":
      case "linking":
      case "associating":
        this.#unlink();
        break;
      default:
        break;
    }
    this.#pump();
  }

  /** Takes octets from the transport in; never throws. */
  receive(bytes: Uint8Array): void {
    if (this.#state === "closed") return;
    let failure: unknown;
    try {
      this.#link.receive(bytes);
    } catch (error) {
      failure = error;
    }
    this.#pump();
    if (failure !== undefined) this.#fail(failure);
  }

  /** Tells that the transport was closed by the peer or broke. */
  disconnected(): void {
    if (this.#state === "closed") return;
    if (this.#state === "releasing" || this.#state === "unlinking") this.#close({ type: "released" });
    else
      this.#fail(new DlmsError("remote/closed", `the connection ended while ${this.#state}`, { state: this.#state }));
  }

  nextEvent(): ClientEvent | undefined {
    return this.#outputs.shift() ?? this.#events.shift();
  }

  /**
   * Goes on with other keys, once the server has taken them. The counter source is asked on as before.
   * @throws DlmsError `local/illegal-state` when the association is not ciphered.
   */
  changeKeys(keys: CipherKeys): void {
    if (!this.#channel) throw new DlmsError("local/illegal-state", "the association is not ciphered");
    this.#channel.changeKeys(keys);
  }

  get #answerLimits(): BlockLimits {
    const { maxAnswerLength = DEFAULT_MAX_ANSWER_LENGTH, maxBlocks = DEFAULT_MAX_BLOCKS } = this.#options;
    return { maxLength: maxAnswerLength, maxBlocks };
  }

  get #form(): CipheringForm {
    return this.#ciphering?.form ?? "glo";
  }

  #require(state: ClientState): void {
    if (this.#state === state) return;
    throw new DlmsError("local/illegal-state", `this needs the state ${state}, not ${this.#state}`, {
      state: this.#state,
    });
  }

  /** Works through what the link reports. */
  #pump(): void {
    for (let event = this.#link.nextEvent(); event; event = this.#link.nextEvent()) {
      if (this.#state === "closed") continue;
      try {
        this.#onLinkEvent(event);
      } catch (error) {
        this.#fail(error);
      }
    }
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
        if (this.#state !== "linking") break;
        this.#state = "associating";
        this.#send(encodeAssociationRequest(this.#options, this.#channel));
        break;
      case "apdu":
        this.#onApdu(event.bytes);
        break;
      case "closed":
        if (event.error) throw event.error;
        this.disconnected();
        break;
    }
  }

  #onApdu(bytes: Uint8Array): void {
    if (isGeneralBlockTag(bytes[0])) this.#onGeneralBlock(bytes);
    else this.#onWholeApdu(bytes);
  }

  #onGeneralBlock(bytes: Uint8Array): void {
    const block = decodeApdu(bytes) as GeneralBlockApdu;
    let step: GeneralBlockStep;
    try {
      step = this.#blocks.receive(block);
    } catch (error) {
      // A push that is not whole is no loss to what was asked for.
      if (!(isUnconfirmedBlock(block) && error instanceof DlmsError && error.code === "remote/blocks-lost"))
        throw error;
      this.#notifications.useless(error);
      return;
    }
    for (const apdu of step.send) this.#link.send(apdu);
    if (step.apdu) this.#onWholeApdu(step.apdu);
  }

  #onWholeApdu(bytes: Uint8Array): void {
    let opened: { plain: Uint8Array; secured: boolean };
    try {
      opened = this.#incoming.open(bytes);
    } catch (error) {
      if (isNotificationTag(bytes[0])) this.#notifications.useless(asDlmsError(error));
      else if (this.#state === "releasing") this.#unlink();
      else throw error;
      return;
    }
    const { plain, secured } = opened;
    if (isNotificationTag(plain[0])) this.#notifications.take(plain, secured);
    else if (this.#state === "releasing") this.#unlink();
    else this.#onAnswer(plain, secured);
  }

  #onAnswer(plain: Uint8Array, secured: boolean): void {
    this.#notifications.reset();
    try {
      this.#onPlain(plain, secured);
    } catch (error) {
      if (this.#state !== "requesting" || !isUnusable(error) || (this.#channel && !secured)) throw error;
      // The meter's own words, only not understood: the next request may do better.
      this.#refused(error);
    }
  }

  #onPlain(bytes: Uint8Array, secured: boolean): void {
    const apdu = decodeApdu(bytes);
    const step = CLIENT_STEPS[this.#state][kindOf(apdu)];
    if (this.#channel && !secured && (step === "advance" || step === "authenticate")) {
      // Such a refusal needs no proof: nothing comes of it but the end.
      if (step === "authenticate" && apdu.type === "action-response-normal" && apdu.response.result !== "success") {
        throw tokenRefused(apdu.response.result);
      }
      throw new DlmsError("security/unciphered", `${apdu.type} came plain in a ciphered association`);
    }
    switch (step) {
      case "associate":
        this.#onAare(apdu as AareApdu);
        break;
      case "authenticate":
        this.#onPass4(this.#exchange!.next(apdu));
        break;
      case "advance":
        this.#onStep(this.#exchange!.next(apdu));
        break;
      case "refused":
        this.#refused(refusalError(apdu));
        break;
      case "rejected":
        throw refusalError(apdu);
      default:
        throw unexpectedApdu(apdu, this.#state);
    }
  }

  #unlink(): void {
    this.#state = "unlinking";
    this.#link.close();
  }

  #refused(error: DlmsError): void {
    this.#state = "associated";
    this.#exchange = undefined;
    this.#events.push({ type: "refused", error });
  }

  #onAare(aare: AareApdu): void {
    const { security } = this.#options;
    this.#negotiated = negotiate(aare, this.#options, this.#channel, this.#incoming);
    if (security.type !== "hls5") {
      this.#associated();
      return;
    }
    const request = tokenRequest(aare, security.challenge, this.#channel!);
    this.#exchange = this.#newExchange(request, true, "glo");
    this.#state = "authenticating";
    this.#sendService(this.#exchange.start(), "glo");
  }

  #onPass4(step: ExchangeStep): void {
    requireProof(step, this.#options.security, this.#channel!);
    this.#associated();
  }

  #associated(): void {
    this.#state = "associated";
    this.#exchange = undefined;
    this.#events.push({ type: "associated", negotiated: this.#negotiated! });
  }

  #onStep(step: ExchangeStep): void {
    if ("send" in step) {
      this.#sendService(step.send, this.#form);
      return;
    }
    this.#state = "associated";
    this.#exchange = undefined;
    if ("delivered" in step) this.#events.push({ type: "delivered", octets: step.delivered });
    else this.#events.push({ type: "response", response: step.response });
  }

  #newExchange(request: ServiceRequest, highPriority: boolean, form: CipheringForm, deliver?: Deliver): ClientExchange {
    const limits = {
      // The HLS exchange belongs to associating, not to what is agreed on.
      granted: this.#state === "associated" ? this.#negotiated!.conformance : undefined,
      maxRequestLength: this.#maxRequestLength(form),
      answer: this.#answerLimits,
    };
    const nextInvoke = () => {
      this.#invokeId = (this.#invokeId + 1) & INVOKE_ID_MASK;
      return { id: this.#invokeId, confirmed: true, highPriority };
    };
    return newExchange(request, limits, nextInvoke, deliver);
  }

  /** Octets of the longest plain APDU; general blocks carry any. */
  #maxRequestLength(form: CipheringForm): number {
    if (this.#usesGeneralBlocks) return Number.POSITIVE_INFINITY;
    const limit = this.#negotiated!.serverMaxReceivePduSize;
    return this.#channel ? maxPlainLength(limit, form) : limit;
  }

  #sendService(apdu: Uint8Array, form: CipheringForm): void {
    const octets = this.#channel ? this.#channel.seal(apdu, form) : apdu;
    this.#options.onApdu?.("sent", apdu);
    const limit = this.#negotiated!.serverMaxReceivePduSize;
    if (octets.length <= limit || !this.#usesGeneralBlocks) this.#link.send(octets);
    else for (const block of this.#blocks.start(octets, limit)) this.#link.send(block);
  }

  get #usesGeneralBlocks(): boolean {
    return this.#negotiated!.conformance.includes("general-block-transfer");
  }

  #send(apdu: Uint8Array): void {
    this.#options.onApdu?.("sent", apdu);
    this.#link.send(apdu);
  }

  #fail(thrown: unknown): void {
    const error = asDlmsError(thrown);
    if (this.#state === "unlinking" || this.#state === "releasing") this.#close({ type: "released" });
    else if (this.#state !== "closed") this.#close({ type: "failed", error });
  }

  #close(event: ClientEvent): void {
    this.#state = "closed";
    this.#exchange = undefined;
    this.#events.push(event);
  }
}
