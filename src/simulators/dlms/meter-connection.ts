import { DlmsError } from "../../dlms/errors.ts";
import type { Link } from "../../dlms/link.ts";
import { DlmsServer } from "../../dlms/server.ts";
import type { ServerEvent } from "../../dlms/server-options.ts";
import type { Random } from "../../lib/random.ts";
import type { ConnectionHandler, ServerConnection } from "../../transport/tcp-listener.ts";
import type { Instead, ReceivedApdu } from "./behaviour.ts";
import { logEvent } from "./events.ts";
import { type ApduEvent, InterceptedLink } from "./intercepted-link.ts";
import type { Asker, Meter, Rights } from "./meter.ts";
import { askerOf, associationFor, rightsOf } from "./meter-associations.ts";
import { serve } from "./meter-services.ts";

const EMPTY: Uint8Array = new Uint8Array(0);

/**
 * One connection to the meters behind a port: has the library's server read and write APDUs, asks the meter for what
 * they mean, and lets the meter's behaviours interfere on the way.
 */
export class MeterConnection implements ConnectionHandler {
  readonly #connection: ServerConnection;
  readonly #meters: ReadonlyMap<number, Meter>;
  readonly #link: InterceptedLink;
  readonly #server: DlmsServer;
  /** The meter that counts this connection: the first one that an APDU went to. */
  #accepted: Meter | undefined;
  /** The meter that the client talks to. */
  #meter: Meter | undefined;
  #rights: Rights = "read";
  #asker: Asker | undefined;
  /** What came last, when there are behaviours to ask about it. */
  #exchange: ReceivedApdu | undefined;
  #apdus = 0;
  /** APDUs that wait until the connection is served; undefined when it is. */
  #held: ApduEvent[] | undefined;
  /** Answers that wait for their time, oldest first. */
  readonly #late: (() => void)[] = [];
  /** What cancels timers that run. */
  readonly #timers = new Set<() => void>();
  #gone = false;

  constructor(connection: ServerConnection, meters: ReadonlyMap<number, Meter>, link: Link, random: Random) {
    this.#connection = connection;
    this.#meters = meters;
    this.#link = new InterceptedLink(link, (event) => this.#passes(event));
    this.#server = new DlmsServer({
      link: this.#link,
      association: (client, server) => associationFor(this.#meters.get(server), client),
      random,
      hooks: { plain: (apdu) => this.#changePlain(apdu), sealed: (apdu) => this.#changeSealed(apdu) },
    });
  }

  data(octets: Uint8Array): void {
    if (this.#gone) return;
    this.#server.receive(octets);
    this.#pump();
  }

  closed(): void {
    const meter = this.#accepted;
    this.#gone = true;
    for (const cancel of this.#timers) cancel();
    if (!meter) return;
    meter.openConnections--;
    if (this.#server.state !== "unassociated") meter.behaviours.each((behaviour) => behaviour.dropped?.(meter));
  }

  #close(): void {
    this.#gone = true;
    this.#connection.close();
  }

  /** Decides what becomes of an APDU before the server sees it. */
  #passes(event: ApduEvent): boolean {
    if (this.#gone) return false;
    if (this.#held) {
      this.#held.push(event);
      return false;
    }
    const meter = this.#meters.get(event.server);
    if (!meter) return true;
    if (!this.#accepted && !this.#accept(meter, event)) return false;
    this.#meter = meter;
    this.#apdus++;
    this.#exchange = meter.behaviours.isEmpty
      ? undefined
      : { meter, client: event.client, request: event.bytes, number: this.#apdus };
    return !this.#isHandled();
  }

  /** Whether a client that is new here is served at once. */
  #accept(meter: Meter, event: ApduEvent): boolean {
    const others = meter.openConnections;
    const accepted = meter.behaviours.first((behaviour) => behaviour.accept?.(others, meter)) ?? 0;
    if (accepted === "cut") {
      this.#close();
      return false;
    }
    this.#accepted = meter;
    meter.openConnections++;
    if (accepted === 0) return true;
    this.#held = [event];
    this.#after(meter, accepted, () => this.#release());
    return false;
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) {
      if (this.#passes(event)) this.#link.inject(event);
      this.#server.receive(EMPTY);
      this.#pump();
    }
  }

  /** Whether a behaviour took the APDU over. */
  #isHandled(): boolean {
    const exchange = this.#exchange;
    if (!exchange) return false;
    const instead = exchange.meter.behaviours.first((behaviour) => behaviour.request?.(exchange));
    if (instead === undefined) return false;
    const answer = this.#answerOf(instead);
    if (answer) this.#link.send(answer);
    return true;
  }

  /** The octets to send, if any; cuts the connection where that is meant. */
  #answerOf(instead: Instead): Uint8Array | undefined {
    if (typeof instead !== "string") return instead.answer;
    if (instead === "cut") this.#close();
    return undefined;
  }

  #changePlain(apdu: Uint8Array): Uint8Array {
    const exchange = this.#exchange;
    return exchange ? exchange.meter.behaviours.changePlain(apdu, exchange) : apdu;
  }

  #changeSealed(apdu: Uint8Array): Uint8Array | undefined {
    const exchange = this.#exchange;
    if (!exchange) return apdu;
    const { behaviours } = exchange.meter;
    for (const unasked of behaviours.first((behaviour) => behaviour.unasked?.(exchange)) ?? [])
      this.#link.send(unasked);
    return this.#answerOf(behaviours.changeAnswer(apdu, exchange));
  }

  #pump(): void {
    this.#noteCounter();
    for (let event = this.#server.nextEvent(); event; event = this.#server.nextEvent()) this.#onEvent(event);
    this.#noteCounter();
  }

  /** A counter counts as used as soon as an APDU with it was deciphered. */
  #noteCounter(): void {
    const lowest = this.#server.lowestClientCounter;
    const meter = this.#meter;
    if (meter && lowest !== undefined && lowest > meter.expectedInvocationCounter) {
      meter.expectedInvocationCounter = lowest;
    }
  }

  #onEvent(event: ServerEvent): void {
    switch (event.type) {
      case "send":
        this.#write(event.bytes);
        break;
      case "associated":
        this.#meter = this.#meters.get(event.server);
        this.#rights = this.#meter ? rightsOf(this.#meter, event.client) : "read";
        this.#asker = this.#meter && askerOf(this.#meter, event.client, this.#rights);
        if (this.#meter && event.clientSystemTitle) this.#meter.clientSystemTitle = event.clientSystemTitle;
        break;
      case "request":
        this.#serve(event.request);
        break;
      case "fault":
        this.#onFault(event.error);
        break;
      case "closed":
        // After DISC an HDLC link is in the normal disconnected mode, and the next SNRM is answered.
        if (event.error) this.#close();
        break;
      default:
        break;
    }
  }

  #serve(request: Extract<ServerEvent, { type: "request" }>["request"]): void {
    const meter = this.#meter;
    if (meter) meter.asker = this.#asker;
    const response = meter && serve(meter, request, this.#rights);
    if (meter) meter.asker = undefined;
    if (!response) {
      this.#server.refuse(2, 2);
      return;
    }
    try {
      this.#server.respond(response);
    } catch (error) {
      // What cannot be encoded, for one because the client takes too short APDUs.
      if (!(error instanceof DlmsError)) throw error;
      this.#server.refuse(2, 1);
    }
    if (meter.commitKeys() && this.#server.lowestClientCounter !== undefined) {
      this.#server.changeKeys(meter.cipherKeys);
    }
  }

  #onFault(error: DlmsError): void {
    const failedLogin = error.code === "security/authentication" || error.code === "security/tag";
    if (this.#meter && failedLogin) logEvent(this.#meter, "fraud", "FAILED_LOGIN_ATTEMPT");
  }

  /** Writes now, or in its turn after what is late. */
  #write(octets: Uint8Array): void {
    const exchange = this.#exchange;
    if (!exchange) {
      this.#put(octets);
      return;
    }
    const { behaviours } = exchange.meter;
    const delayMs = behaviours.first((behaviour) => behaviour.delayMs?.(exchange)) ?? 0;
    const put = () => {
      this.#put(
        octets,
        behaviours.first(({ pieceLength }) => pieceLength),
      );
      if (behaviours.first((behaviour) => behaviour.answered?.(exchange)) === "cut") this.#close();
    };
    if (delayMs === 0 && this.#late.length === 0) {
      put();
      return;
    }
    this.#late.push(put);
    this.#after(exchange.meter, delayMs, () => this.#late.shift()?.());
  }

  /** Runs something later, unless the connection is gone by then. */
  #after(meter: Meter, delayMs: number, run: () => void): void {
    const cancel = meter.description.clock.after(delayMs, () => {
      this.#timers.delete(cancel);
      run();
    });
    this.#timers.add(cancel);
  }

  #put(octets: Uint8Array, pieceLength = octets.length): void {
    for (let at = 0; at < octets.length; at += pieceLength) {
      this.#connection.write(octets.subarray(at, at + pieceLength));
    }
  }
}
