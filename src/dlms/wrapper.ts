import { DlmsError } from "./errors.ts";
import type { Link, LinkEvent } from "./link.ts";
import { StreamBuffer } from "./stream-buffer.ts";

/** The COSEM TCP/UDP wrapper (IEC 62056-47): version, source wPort, destination wPort, length, 2 octets each, big-endian. */
const HEADER_LENGTH = 8;
const VERSION = 1;
const MAX_APDU_LENGTH = 0xffff;
/** The port that is registered for DLMS/COSEM, TCP and UDP. */
export const DLMS_TCP_PORT = 4059;

/** One APDU with its wrapper header (IEC 62056-47). */
export interface WrapperFrame {
  /** wPort of the sender, 0 … 65535: client SAP or logical device. */
  readonly source: number;
  readonly destination: number;
  readonly apdu: Uint8Array;
}

/** @throws DlmsError `local/invalid-value` when the APDU is longer than 65535 octets or a wPort is none. */
export function encodeWrapperFrame(frame: WrapperFrame): Uint8Array {
  const { source, destination, apdu } = frame;
  if (!isWport(source) || !isWport(destination)) {
    throw new DlmsError("local/invalid-value", `no wPorts: ${source}, ${destination}`);
  }
  if (apdu.length > MAX_APDU_LENGTH) {
    throw new DlmsError("local/invalid-value", `the wrapper does not hold an APDU of ${apdu.length} octets`);
  }
  const octets = new Uint8Array(HEADER_LENGTH + apdu.length);
  for (const [i, field] of [VERSION, source, destination, apdu.length].entries()) {
    octets[2 * i] = field >> 8;
    octets[2 * i + 1] = field;
  }
  octets.set(apdu, HEADER_LENGTH);
  return octets;
}

/** Finds the frames in a stream, however it is cut. Keeps no more than the frame that is not complete yet. */
export class WrapperDecoder {
  readonly #maxApduLength: number;
  readonly #buffer = new StreamBuffer();

  /** @param maxApduLength octets, up to 65535; a longer APDU is refused as soon as its header is there */
  constructor(maxApduLength = MAX_APDU_LENGTH) {
    this.#maxApduLength = maxApduLength;
  }

  /**
   * Yields the frames that are complete with these octets, then throws if what follows is no frame.
   * @throws DlmsError `remote/malformed` for another version, `remote/too-large`. The stream is of no use after that.
   */
  *push(bytes: Uint8Array): Generator<WrapperFrame, void> {
    const buffer = this.#buffer;
    const only = buffer.length === 0 ? onlyFrame(bytes, this.#maxApduLength) : undefined;
    if (only) {
      yield only;
      return;
    }
    buffer.push(bytes);
    while (buffer.length >= HEADER_LENGTH) {
      const end = HEADER_LENGTH + this.#apduLength();
      if (end > buffer.length) return;
      const apdu = buffer.copy(HEADER_LENGTH, end);
      const frame = { source: buffer.unsigned16(2), destination: buffer.unsigned16(4), apdu };
      buffer.discard(end);
      yield frame;
    }
  }

  #apduLength(): number {
    const version = this.#buffer.unsigned16(0);
    if (version !== VERSION) {
      throw new DlmsError("remote/malformed", `wrapper version ${version} instead of ${VERSION}`, { version });
    }
    const length = this.#buffer.unsigned16(6);
    if (length > this.#maxApduLength) {
      const context = { length, limit: this.#maxApduLength };
      throw new DlmsError("remote/too-large", `a wrapper frame of ${length} octets`, context);
    }
    return length;
  }
}

/** The usual case, which needs no buffer: octets that are one frame and nothing else. */
function onlyFrame(bytes: Uint8Array, maxApduLength: number): WrapperFrame | undefined {
  const apduLength = bytes.length - HEADER_LENGTH;
  if (apduLength < 0 || apduLength > maxApduLength) return undefined;
  const field = (at: number) => (bytes[at]! << 8) | bytes[at + 1]!;
  if (field(0) !== VERSION || field(6) !== apduLength) return undefined;
  return { source: field(2), destination: field(4), apdu: new Uint8Array(bytes.subarray(HEADER_LENGTH)) };
}

/** Wrapper addresses: client SAP (public client 16, management client 1) and logical device. */
export interface WrapperAddresses {
  readonly client: number;
  readonly server: number;
}

/** The client's side: both wPorts are given; answers are taken from any, as meters are not strict about them. */
export class WrapperClientLink implements Link {
  readonly #addresses: WrapperAddresses;
  readonly #decoder: WrapperDecoder;
  readonly #events: LinkEvent[] = [];

  constructor(addresses: WrapperAddresses, maxApduLength?: number) {
    this.#addresses = addresses;
    this.#decoder = new WrapperDecoder(maxApduLength);
  }

  open(): void {
    this.#events.push({ type: "opened" });
  }

  close(): void {
    this.#events.push({ type: "closed" });
  }

  send(apdu: Uint8Array): void {
    const { client, server } = this.#addresses;
    this.#events.push({ type: "send", bytes: encodeWrapperFrame({ source: client, destination: server, apdu }) });
  }

  receive(bytes: Uint8Array): void {
    for (const { source, destination, apdu } of this.#decoder.push(bytes)) {
      this.#events.push({ type: "apdu", bytes: apdu, client: destination, server: source });
    }
  }

  nextEvent(): LinkEvent | undefined {
    return this.#events.shift();
  }
}

/** The server's side: answers go back to where the last APDU came from. */
export class WrapperServerLink implements Link {
  readonly #decoder: WrapperDecoder;
  readonly #events: LinkEvent[] = [];
  #peer: WrapperAddresses = { client: 0, server: 0 };

  constructor(maxApduLength?: number) {
    this.#decoder = new WrapperDecoder(maxApduLength);
  }

  /** TCP alone makes the link. */
  open(): void {}

  close(): void {
    this.#events.push({ type: "closed" });
  }

  send(apdu: Uint8Array): void {
    const { client, server } = this.#peer;
    this.#events.push({ type: "send", bytes: encodeWrapperFrame({ source: server, destination: client, apdu }) });
  }

  receive(bytes: Uint8Array): void {
    for (const { source, destination, apdu } of this.#decoder.push(bytes)) {
      this.#events.push({ type: "apdu", bytes: apdu, client: source, server: destination });
    }
  }

  nextEvent(): LinkEvent | undefined {
    const event = this.#events.shift();
    if (event?.type === "apdu") this.#peer = { client: event.client, server: event.server };
    return event;
  }
}

function isWport(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 0xffff;
}
