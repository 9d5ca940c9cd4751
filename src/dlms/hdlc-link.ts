import { concatBytes, equalBytes, toHex } from "../lib/bytes.ts";
import { DlmsError } from "./errors.ts";
import {
  decodeServerAddress,
  encodeClientAddress,
  encodeServerAddress,
  type HdlcServerAddress,
} from "./hdlc-address.ts";
import { type HdlcDamageReason, HdlcDecoder } from "./hdlc-decoder.ts";
import { HdlcExchange } from "./hdlc-exchange.ts";
import { encodeHdlcFrame, type HdlcControl, type HdlcFrame, type HdlcUnnumberedType } from "./hdlc-frame.ts";
import {
  decodeHdlcParameters,
  encodeHdlcParameters,
  type HdlcParameters,
  hdlcParameters,
  negotiateHdlcParameters,
} from "./hdlc-parameters.ts";

/** LLC header of a message (IEC 62056-46, 5.3.2): destination LSAP, source LSAP with its command/response bit, quality. */
const LLC_LENGTH = 3;
const LLC_OF_CLIENT = Uint8Array.of(0xe6, 0xe6, 0x00);
const LLC_OF_SERVER = Uint8Array.of(0xe6, 0xe7, 0x00);
const DEFAULT_MAX_APDU_LENGTH = 0xffff;
const EMPTY: Uint8Array = new Uint8Array(0);

interface HdlcCommonOptions {
  /**
   * This side's limits; 128 octets of information and window 1 where nothing is given. A client's SNRM proposes them
   * when there are any, and a meter that answers DM to that is asked once more without.
   */
  readonly parameters?: Partial<HdlcParameters> | undefined;
  /** Octets of a reassembled APDU, 65535 when absent. */
  readonly maxApduLength?: number;
}

/** The client's end of a link. */
export interface HdlcClientOptions extends HdlcCommonOptions {
  readonly role: "client";
  /** Client SAP, 1 … 127. */
  readonly clientAddress: number;
  readonly serverAddress: HdlcServerAddress;
}

/** A server takes any client, or any address of its own, where none is given. */
export interface HdlcServerOptions extends HdlcCommonOptions {
  readonly role: "server";
  readonly clientAddress?: number;
  readonly serverAddress?: HdlcServerAddress;
}

/** What an HDLC link reports, in order. */
export type HdlcEvent =
  /** Octets for the transport. */
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** APDUs may be sent. A server reports it again when a client sets the link up anew. */
  | {
      readonly type: "connected";
      readonly negotiated: HdlcParameters;
      /** Client SAP. */
      readonly client: number;
      readonly server: HdlcServerAddress;
    }
  /** One APDU, without its LLC header. */
  | { readonly type: "message"; readonly bytes: Uint8Array }
  /** This side or the peer ended the link. */
  | { readonly type: "disconnected" }
  /** The link is down because of what the peer sent. */
  | { readonly type: "failed"; readonly error: DlmsError }
  /** Octets were left out; the link goes on. */
  | { readonly type: "damaged"; readonly reason: HdlcDamageReason };

/** The addresses of both sides as they stand in frames. */
interface Addresses {
  readonly client: Uint8Array;
  readonly server: Uint8Array;
}

type State = "disconnected" | "connecting" | "connected" | "disconnecting";

/**
 * HDLC as DLMS uses it (IEC 62056-46), the client's side or the server's: no I/O and no timers.
 * The caller gives in what arrives and takes events until there are none. It owns the timeouts: nothing is repeated
 * unless the peer asks for it.
 */
export class HdlcLink {
  readonly #options: HdlcClientOptions | HdlcServerOptions;
  readonly #own: HdlcParameters;
  readonly #decoder = new HdlcDecoder();
  readonly #events: HdlcEvent[] = [];
  /** As far as the options say; a client's are complete. */
  readonly #configured: Partial<Addresses>;
  /** Of the link that is up, or was last. */
  #addresses: Addresses | undefined;
  #state: State = "disconnected";
  /** Whether the SNRM that waits for its answer proposed parameters. */
  #isProposing = false;
  /** There while the link is up. */
  #exchange: HdlcExchange | undefined;

  /** @throws DlmsError `local/invalid-value` for an address or a parameter out of range */
  constructor(options: HdlcClientOptions | HdlcServerOptions) {
    const { clientAddress, serverAddress } = options;
    this.#options = options;
    this.#own = hdlcParameters(options.parameters);
    this.#configured = {
      ...(clientAddress !== undefined && { client: encodeClientAddress(clientAddress) }),
      ...(serverAddress !== undefined && { server: encodeServerAddress(serverAddress) }),
    };
  }

  /**
   * Asks the meter to set the link up; a "connected" or "failed" event follows.
   * @throws DlmsError `local/illegal-state` on a server, which waits, and unless the link is down
   */
  connect(): void {
    const { role } = this.#options;
    if (role === "server" || this.#state !== "disconnected") throw this.#illegalState("connect");
    this.#state = "connecting";
    this.#isProposing = this.#options.parameters !== undefined;
    const information = this.#isProposing ? encodeHdlcParameters(this.#own) : EMPTY;
    this.#sendUnnumbered("SNRM", this.#configured as Addresses, information);
  }

  /**
   * Sends an APDU, now or as soon as it is this side's turn.
   * @throws DlmsError `local/illegal-state` unless the link is up
   */
  send(apdu: Uint8Array): void {
    if (this.#exchange === undefined) throw this.#illegalState("send");
    this.#exchange.send(concatBytes(this.#options.role === "client" ? LLC_OF_CLIENT : LLC_OF_SERVER, apdu));
  }

  /** Ends the link; a "disconnected" event follows, on the client's side when the meter confirms. */
  disconnect(): void {
    const isUp = this.#state === "connected" || this.#state === "connecting";
    if (this.#options.role === "client" && isUp) {
      this.#state = "disconnecting";
      this.#exchange = undefined;
      this.#sendUnnumbered("DISC", this.#configured as Addresses);
    } else if (this.#state !== "disconnecting") {
      this.#close();
    }
  }

  /** Takes octets of the stream, however it is cut. */
  receive(bytes: Uint8Array): void {
    for (const decoded of this.#decoder.push(bytes)) {
      if (decoded.type === "damaged") this.#events.push({ type: "damaged", reason: decoded.reason });
      else this.#receiveFrame(decoded.frame);
    }
  }

  /** What happened, oldest first; undefined when that is all. */
  nextEvent(): HdlcEvent | undefined {
    return this.#events.shift();
  }

  #receiveFrame(frame: HdlcFrame): void {
    try {
      if (this.#options.role === "client") this.#receiveAsClient(frame);
      else this.#receiveAsServer(frame);
    } catch (error) {
      if (!(error instanceof DlmsError)) throw error;
      this.#fail(error);
    }
  }

  #receiveAsClient(frame: HdlcFrame): void {
    const { type } = frame.control;
    if (!isSame({ client: frame.destination, server: frame.source }, this.#configured as Addresses)) {
      this.#drop("address");
    } else if (type === "SNRM" || type === "DISC") {
      this.#drop("control");
    } else if (this.#state === "connecting") {
      this.#receiveWhileConnecting(frame);
    } else if (type === "DM" || type === "UA") {
      if (this.#state === "disconnecting" || (this.#state === "connected" && type === "DM")) this.#close();
    } else if (this.#exchange !== undefined) {
      this.#receiveOnLink(this.#exchange, frame);
    }
  }

  #receiveWhileConnecting(frame: HdlcFrame): void {
    const { type } = frame.control;
    if (type === "DM" && this.#isProposing) {
      this.#isProposing = false;
      this.#sendUnnumbered("SNRM", this.#configured as Addresses);
      return;
    }
    if (type === "DM") throw new DlmsError("remote/association-rejected", "the meter refuses the HDLC link (DM)");
    if (type === "FRMR") throw frameReject(frame);
    if (type !== "UA") return;
    const stated = decodeHdlcParameters(frame.information);
    this.#open(this.#configured as Addresses, negotiateHdlcParameters(this.#own, stated));
  }

  #receiveAsServer(frame: HdlcFrame): void {
    const addresses: Addresses = { client: frame.source, server: frame.destination };
    const { type, pollFinal } = frame.control;
    if (!this.#isForServer(addresses)) {
      this.#drop("address");
    } else if (type === "UA" || type === "DM") {
      this.#drop("control");
    } else if (type === "SNRM") {
      this.#accept(addresses, frame.information);
    } else if (this.#exchange === undefined || this.#addresses === undefined) {
      if (pollFinal && type !== "UI") this.#sendUnnumbered("DM", addresses);
    } else if (!isSame(addresses, this.#addresses)) {
      this.#drop("address");
    } else if (type === "DISC") {
      this.#sendUnnumbered("UA", addresses);
      this.#close();
    } else {
      this.#receiveOnLink(this.#exchange, frame);
    }
  }

  #isForServer(addresses: Addresses): boolean {
    if (addresses.client.length !== 1) return false;
    const { client = addresses.client, server = addresses.server } = this.#configured;
    return isSame(addresses, { client, server });
  }

  #receiveOnLink(exchange: HdlcExchange, frame: HdlcFrame): void {
    const { type } = frame.control;
    if (type === "FRMR") throw frameReject(frame);
    if (type === "UI") this.#receiveUnnumbered(frame.information);
    else exchange.receive(frame);
  }

  /** An APDU outside the numbered order: a meter pushes in such frames. */
  #receiveUnnumbered(information: Uint8Array): void {
    const apdu = withoutLlc(information);
    if (apdu === undefined) this.#drop("llc");
    else this.#events.push({ type: "message", bytes: apdu.slice() });
  }

  /** The server's part of setting the link up. */
  #accept(addresses: Addresses, information: Uint8Array): void {
    const negotiated = negotiateHdlcParameters(this.#own, decodeHdlcParameters(information));
    this.#sendUnnumbered("UA", addresses, encodeHdlcParameters(negotiated));
    // Copies: the addresses of a frame are views of what was received.
    this.#open({ client: addresses.client.slice(), server: addresses.server.slice() }, negotiated);
  }

  #open(addresses: Addresses, negotiated: HdlcParameters): void {
    const { role, maxApduLength = DEFAULT_MAX_APDU_LENGTH } = this.#options;
    const { maxInformationTransmit } = negotiated;
    this.#addresses = addresses;
    this.#state = "connected";
    this.#exchange = new HdlcExchange(
      { role, maxInformationTransmit, maxMessageLength: LLC_LENGTH + maxApduLength },
      {
        transmit: (control, segmented, information) => this.#sendFrame(addresses, control, information, segmented),
        deliver: (message) => this.#deliver(message),
      },
    );
    const client = addresses.client[0]! >> 1;
    this.#events.push({ type: "connected", negotiated, client, server: decodeServerAddress(addresses.server) });
  }

  #deliver(message: Uint8Array): void {
    const apdu = withoutLlc(message);
    if (apdu === undefined) throw new DlmsError("remote/malformed", "an HDLC message without LLC header");
    this.#events.push({ type: "message", bytes: apdu });
  }

  #close(): void {
    this.#state = "disconnected";
    this.#exchange = undefined;
    this.#events.push({ type: "disconnected" });
  }

  #fail(error: DlmsError): void {
    if (this.#options.role === "server" && this.#addresses !== undefined) this.#sendUnnumbered("DM", this.#addresses);
    this.#state = "disconnected";
    this.#exchange = undefined;
    this.#events.push({ type: "failed", error });
  }

  #drop(reason: HdlcDamageReason): void {
    this.#events.push({ type: "damaged", reason });
  }

  #sendUnnumbered(type: HdlcUnnumberedType, addresses: Addresses, information = EMPTY): void {
    this.#sendFrame(addresses, { type, pollFinal: true }, information, false);
  }

  #sendFrame({ client, server }: Addresses, control: HdlcControl, information: Uint8Array, segmented: boolean): void {
    const [destination, source] = this.#options.role === "client" ? [server, client] : [client, server];
    const bytes = encodeHdlcFrame({ destination, source, control, segmented, information });
    this.#events.push({ type: "send", bytes });
  }

  #illegalState(call: string): DlmsError {
    const { role } = this.#options;
    const context = { role, state: this.#state };
    return new DlmsError("local/illegal-state", `${call} on an HDLC ${role} that is ${this.#state}`, context);
  }
}

/** The APDU behind the LLC header of either direction; undefined without one. */
function withoutLlc(message: Uint8Array): Uint8Array | undefined {
  const llc = message.subarray(0, LLC_LENGTH);
  return equalBytes(llc, LLC_OF_CLIENT) || equalBytes(llc, LLC_OF_SERVER) ? message.subarray(LLC_LENGTH) : undefined;
}

function isSame(a: Addresses, b: Addresses): boolean {
  return equalBytes(a.client, b.client) && equalBytes(a.server, b.server);
}

function frameReject({ information }: HdlcFrame): DlmsError {
  const context = { information: toHex(information) };
  return new DlmsError("remote/unexpected-apdu", "the HDLC peer rejects a frame (FRMR)", context);
}
