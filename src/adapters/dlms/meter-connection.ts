import type { AttributeReference } from "../../dlms/apdu.ts";
import type { DlmsClient } from "../../dlms/client.ts";
import type { Negotiated } from "../../dlms/client-options.ts";
import type { Deliver } from "../../dlms/delivered-get.ts";
import type { CipherKeys } from "../../dlms/security.ts";
import type { ServiceRequest, ServiceResponse } from "../../dlms/services.ts";
import { MetergateError } from "../../domain/errors.ts";
import { type Clock, type Elapsed, plus } from "../../lib/clock.ts";
import type { TcpConnection } from "../../transport/tcp.ts";
import type { CounterSupply } from "./counter-supply.ts";
import { fromDlmsError, type Stage } from "./failure.ts";

/** How long a meter may take to answer the release; the work is done by then. */
const RELEASE_TIMEOUT_MS = 5000;
/**
 * What an answer in many parts may take beyond the time for its first part: enough for the largest over the slowest
 * network. A meter that always has one more octet to send is no longer waited for.
 */
const LONGEST_TRANSFER_MS = 15 * 60_000;

export interface MeterConnectionParts {
  readonly tcp: TcpConnection;
  readonly client: DlmsClient;
  /** Of ciphered associations. */
  readonly counters?: CounterSupply | undefined;
  readonly clock: Clock;
  /** Milliseconds that the meter may take for each APDU. */
  readonly responseTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Called when octets came from the meter. */
  readonly heard?: (() => void) | undefined;
}

/** What is being waited for. */
interface Waiting {
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * One TCP connection and the association on it: brings the octets of one to the other and turns events into promises.
 * One thing is waited for at a time. Nothing is ever sent twice.
 */
export class MeterConnection {
  readonly #parts: MeterConnectionParts;
  #stage: Stage = "associating";
  #negotiated: Negotiated | undefined;
  #waiting: Waiting | undefined;
  #failure: MetergateError | undefined;
  /** Octets that arrived while the next counters were being stored; undefined when none are. */
  #held: Uint8Array[] | undefined;
  /** What the meter may take for each APDU of what is waited for. */
  #answerTimeoutMs = 0;
  #deadline: Elapsed | undefined;
  /** When what is waited for has taken too long in all. */
  #lastDeadline: Elapsed | undefined;
  #timer: { readonly due: Elapsed; cancel(): void } | undefined;
  readonly #onAbort = () => {
    const { reason } = this.#parts.signal;
    const aborted = new MetergateError("CONNECTION_ERROR", "the conversation was broken off: run aborted");
    this.#fail(reason instanceof MetergateError ? reason : aborted);
  };

  constructor(parts: MeterConnectionParts) {
    this.#parts = parts;
    parts.tcp.receive({ data: (octets) => this.#onData(octets), lost: (error) => this.#onLost(error) });
    if (parts.signal.aborted) this.#onAbort();
    else parts.signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Why the association is gone; undefined while it is not. */
  get failure(): MetergateError | undefined {
    return this.#failure;
  }

  /** What the meter agreed to. Known once it is associated. */
  get negotiated(): Negotiated | undefined {
    return this.#negotiated;
  }

  /**
   * Opens the association. To be called once, first.
   * @throws MetergateError that tells why there is none.
   */
  async associate(): Promise<void> {
    try {
      await this.#parts.counters?.refill();
      await this.#wait(() => this.#parts.client.connect(), this.#parts.responseTimeoutMs, LONGEST_TRANSFER_MS);
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#stage = "associated";
  }

  /**
   * Makes a request and waits for the whole answer.
   * @throws MetergateError; `failure` tells whether the association is gone with it. DlmsError `local/invalid-value`
   * when the request cannot be sent at all.
   */
  request(request: ServiceRequest): Promise<ServiceResponse> {
    return this.#exchange(request) as Promise<ServiceResponse>;
  }

  /**
   * As `request`, for a GET of one attribute.
   * @param deliver takes its value as it comes, when it comes in blocks; may not throw
   * @returns the answer, unless it was handed over
   */
  getInParts(attribute: AttributeReference, deliver: Deliver): Promise<ServiceResponse | "delivered"> {
    return this.#exchange({ type: "get", attributes: [attribute] }, deliver);
  }

  async #exchange(request: ServiceRequest, deliver?: Deliver): Promise<ServiceResponse | "delivered"> {
    const { counters, client, responseTimeoutMs } = this.#parts;
    if (counters?.isDue) await counters.refill();
    const answer = this.#wait(() => client.request(request, { deliver }), responseTimeoutMs, LONGEST_TRANSFER_MS);
    return answer as Promise<ServiceResponse | "delivered">;
  }

  /**
   * Goes on with other keys, which the meter has taken.
   * @throws DlmsError `local/illegal-state` when the association is not ciphered.
   */
  changeKeys(keys: CipherKeys): void {
    this.#parts.client.changeKeys(keys);
  }

  /** A new encryption key, never used before, is in force: our counter begins anew at `value`. */
  async restartCounter(value: number): Promise<void> {
    await this.#parts.counters?.restart(value);
  }

  /** Ends the association and the connection; whatever the meter makes of it is no failure. */
  async release(): Promise<void> {
    if (!this.#failure) {
      try {
        await this.#wait(() => this.#parts.client.release(), RELEASE_TIMEOUT_MS, 0);
      } catch {
        // The meter's work is done and reported; a bad answer to the release, or none, changes nothing about it.
      }
    }
    this.#end();
  }

  /** Does what leads to an answer, and waits for it: so long for each part of it, and so much longer for all. */
  #wait(send: () => void, timeoutMs: number, transferMs: number): Promise<unknown> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#answerTimeoutMs = timeoutMs;
      this.#lastDeadline = plus(this.#parts.clock.elapsed(), timeoutMs + transferMs);
      try {
        send();
        this.#pump();
      } catch (error) {
        this.#waiting = undefined;
        reject(error);
      }
    });
  }

  /** Takes what the client makes of the octets; each APDU that goes out gives the meter time for its answer. */
  #pump(): void {
    const { client, tcp } = this.#parts;
    for (let event = client.nextEvent(); event; event = client.nextEvent()) {
      switch (event.type) {
        case "send":
          tcp.write(event.bytes);
          this.#expectAnswer();
          break;
        case "associated":
          this.#negotiated = event.negotiated;
          this.#settle()?.resolve(undefined);
          break;
        case "response":
          this.#settle()?.resolve(event.response);
          break;
        case "delivered":
          this.#settle()?.resolve("delivered");
          break;
        case "refused":
          this.#settle()?.reject(fromDlmsError(event.error, this.#stage));
          break;
        case "released":
          this.#settle()?.resolve(undefined);
          break;
        case "failed":
          this.#fail(fromDlmsError(event.error, this.#stage));
          break;
        default:
          break;
      }
    }
  }

  #onData(octets: Uint8Array): void {
    this.#parts.heard?.();
    if (this.#held) this.#held.push(octets);
    else if (this.#parts.counters?.isLow) this.#hold(octets);
    else this.#take(octets);
  }

  #take(octets: Uint8Array): void {
    try {
      this.#parts.client.receive(octets);
      this.#pump();
    } catch (cause) {
      // Nobody above a socket's callback could catch a defect, and it would stop the process.
      this.#fail(new MetergateError("INTERNAL", "an answer of the meter could not be worked on", { cause }));
    }
  }

  /** Lets what arrived wait until the counters are stored that answering it may take. */
  #hold(octets: Uint8Array): void {
    const held = [octets];
    this.#held = held;
    this.#parts.counters!.refill().then(
      () => {
        this.#held = undefined;
        for (const chunk of held) this.#onData(chunk);
      },
      (cause) => {
        const stored = new MetergateError("INTERNAL", "no more invocation counters could be stored", { cause });
        this.#fail(cause instanceof MetergateError ? cause : stored);
      },
    );
  }

  #onLost(error: MetergateError): void {
    if (this.#parts.client.state === "releasing" || this.#parts.client.state === "unlinking") {
      this.#settle()?.resolve(undefined);
    }
    this.#fail(error);
  }

  #settle(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }

  #fail(error: MetergateError): void {
    if (this.#failure) return;
    this.#failure = error;
    this.#end();
    this.#settle()?.reject(error);
  }

  #end(): void {
    this.#timer?.cancel();
    this.#parts.signal.removeEventListener("abort", this.#onAbort);
    this.#parts.tcp.close();
  }

  /** One timer runs on and is set anew only when it fires, or has become too late: most answers come long before. */
  #expectAnswer(): void {
    const next = plus(this.#parts.clock.elapsed(), this.#answerTimeoutMs);
    const deadline = this.#lastDeadline !== undefined && this.#lastDeadline < next ? this.#lastDeadline : next;
    this.#deadline = deadline;
    if (this.#timer && this.#timer.due <= deadline) return;
    this.#timer?.cancel();
    this.#startTimer(deadline);
  }

  #whatTookTooLong(deadline: Elapsed): string {
    const isInParts = deadline === this.#lastDeadline && this.#answerTimeoutMs !== RELEASE_TIMEOUT_MS;
    return isInParts ? "the exchange with the meter took too long in all" : "the meter did not answer in time";
  }

  #startTimer(due: Elapsed): void {
    const { clock } = this.#parts;
    const cancel = clock.after(due - clock.elapsed(), () => {
      this.#timer = undefined;
      if (!this.#waiting) return;
      const deadline = this.#deadline ?? due;
      if (clock.elapsed() < deadline) this.#startTimer(deadline);
      else this.#fail(new MetergateError("RESPONSE_TIMEOUT", this.#whatTookTooLong(deadline)));
    });
    this.#timer = { due, cancel };
  }
}
