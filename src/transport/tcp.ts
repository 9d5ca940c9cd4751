import { connect, type Socket } from "node:net";
import { type ErrorCode, MetergateError } from "../domain/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { SYSTEM_ERRORS } from "./system-errors.ts";

/** Where to connect to, and how long to try. */
export interface TcpTarget {
  /** Host name or IP address. */
  readonly host: string;
  /** 1 … 65535 */
  readonly port: number;
  /** Milliseconds until an attempt to connect is given up. */
  readonly timeoutMs: number;
}

/** Who is told what happens on a connection. */
export interface TcpReceiver {
  /** Octets as they came, in order; the receiver may keep the view. */
  data(octets: Uint8Array): void;
  /** The connection is gone for another reason than `close`; nothing follows. */
  lost(error: MetergateError): void;
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  ...SYSTEM_ERRORS,
  EAI_AGAIN: "INVALID_IP_ADDRESS",
  EINVAL: "INVALID_IP_ADDRESS",
};

/** The operating system's word for a failure as an error of ours; what has no number of its own is CONNECTION_ERROR. */
function fromSystemError(cause: Error & { code?: string }, { host, port }: TcpTarget): MetergateError {
  const code = CODES[cause.code ?? ""] ?? "CONNECTION_ERROR";
  const message = `${cause.code ?? cause.message} on the connection to ${host} port ${port}`;
  return new MetergateError(code, message, { cause, context: { host, port } });
}

/** Octets that are read at once. */
const READ_LENGTH = 64 * 1024;
/**
 * What all connections are read into: Node.js would take new memory for each answer of a meter, of which there are
 * dozens, and memory for each connection is a burden when thousands are open. What is read is handed over before anything
 * else is read; only Windows is given the memory before it has something to put there.
 */
const shared = new Uint8Array(READ_LENGTH);
const readBuffer = () => (process.platform === "win32" ? new Uint8Array(READ_LENGTH) : shared);

/** One connection. Octets that arrive wait in the system's buffers, which are bounded, until `receive` is called. */
export class TcpConnection {
  readonly #socket: Socket;
  readonly #target: TcpTarget;
  #receiver: TcpReceiver | undefined;
  #failure: MetergateError | undefined;
  #closed = false;

  /** @param reading tells the reader of the socket, which is paused, who takes what it reads */
  constructor(socket: Socket, target: TcpTarget, reading: { take(octets: Uint8Array): void }) {
    this.#socket = socket;
    this.#target = target;
    reading.take = (octets) => {
      if (!this.#closed) this.#receiver?.data(octets);
    };
    socket.on("error", (error) => this.#fail(fromSystemError(error, target)));
    const closedByPeer = () => {
      if (!this.#closed) this.#fail(this.#closedByPeer());
    };
    socket.on("end", closedByPeer).on("close", closedByPeer);
  }

  /** Has the receiver told from now on, beginning with what arrived before. To be called once. */
  receive(receiver: TcpReceiver): void {
    this.#receiver = receiver;
    if (this.#failure) {
      receiver.lost(this.#failure);
      return;
    }
    this.#socket.resume();
  }

  /** Puts octets on the way at once; they may not be changed afterwards. After the connection is gone nothing happens. */
  write(octets: Uint8Array): void {
    if (!this.#closed) this.#socket.write(octets);
  }

  /** Ends the connection at once. The receiver hears nothing more. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #closedByPeer(): MetergateError {
    const { host, port } = this.#target;
    const message = `Socket was closed by remote host: ${host} port ${port}`;
    return new MetergateError("SOCKET_CLOSED_BY_REMOTE", message, { context: { host, port } });
  }

  #fail(error: MetergateError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#failure = error;
    this.#socket.destroy();
    this.#receiver?.lost(error);
  }
}

/**
 * Opens a TCP connection, without Nagle's delay.
 * @param signal aborting it ends the attempt; afterwards it has no effect.
 * @throws MetergateError INVALID_IP_ADDRESS, CONNECTION_REFUSED, CONNECTION_RESET, CONNECTION_TIMED_OUT, CONNECTION_ERROR
 */
export function connectTcp(target: TcpTarget, clock: Clock, signal?: AbortSignal): Promise<TcpConnection> {
  const { host, port, timeoutMs } = target;
  return new Promise((resolve, reject) => {
    if (host.trim() === "" || !Number.isInteger(port) || port < 1 || port > 65_535) {
      reject(new MetergateError("INVALID_IP_ADDRESS", `not an address to connect to: "${host}" port ${port}`));
      return;
    }
    if (signal?.aborted) {
      reject(aborted(target));
      return;
    }
    const reading = { take(_octets: Uint8Array): void {} };
    const onread = {
      buffer: readBuffer(),
      callback: (length: number, memory: Uint8Array) => {
        reading.take(memory.slice(0, length));
        return true;
      },
    };
    const socket = connect({ host, port, noDelay: true, onread });
    socket.pause();
    const finish = (outcome: () => void) => {
      cancelTimeout();
      signal?.removeEventListener("abort", onAbort);
      socket.off("connect", onConnect).off("error", onError);
      outcome();
    };
    const fail = (error: MetergateError) =>
      finish(() => {
        socket.on("error", () => {});
        socket.destroy();
        reject(error);
      });
    const onError = (error: Error) => fail(fromSystemError(error, target));
    const onConnect = () => finish(() => resolve(new TcpConnection(socket, target, reading)));
    const onAbort = () => fail(aborted(target));
    const cancelTimeout = clock.after(timeoutMs, () =>
      fail(
        new MetergateError("CONNECTION_TIMED_OUT", `no connection to ${host} port ${port} within ${timeoutMs} ms`, {
          context: { host, port },
        }),
      ),
    );
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", onError).on("connect", onConnect);
  });
}

function aborted({ host, port }: TcpTarget): MetergateError {
  return new MetergateError("CONNECTION_ERROR", `the connection to ${host} port ${port} was given up: run aborted`);
}
