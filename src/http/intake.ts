import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import type { Clock } from "../lib/clock.ts";
import { Quota } from "./quota.ts";
import { BodyRefusal, CallerGone, HttpRefusal } from "./refusal.ts";

/** Milliseconds from the headers to the last octet of the body. */
const BODY_TIMEOUT_MS = 30_000;
/** Messages whose bodies are there and that are not answered yet. */
const MESSAGES = { inAll: 2_000, perSource: 1_000 };
/** Octets of bodies, those that are still coming too: what a source may have, and how many such sources there may be. */
const LEAST_OCTETS_PER_SOURCE = 128 * 1_048_576;
const SOURCES_AT_FULL = 4;

type Decompress = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;

const decoders: Readonly<Record<string, Decompress>> = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  "x-gzip": promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate),
};

const BUSY_TEXT = "Too many messages at once; send again";

function busy(): HttpRefusal {
  return new HttpRefusal(503, BUSY_TEXT, { "retry-after": "1" });
}

function ignoreError(): void {}

/** What one message holds of the octets that its source may have. */
class Account {
  readonly #octets: Quota;
  readonly #source: string;
  #taken = 0;

  constructor(octets: Quota, source: string) {
    this.#octets = octets;
    this.#source = source;
  }

  /** @throws HttpRefusal 503 */
  take(amount: number): void {
    if (!this.#octets.take(this.#source, amount)) throw busy();
    this.#taken += amount;
  }

  close(): void {
    this.#octets.give(this.#source, this.#taken);
    this.#taken = 0;
  }
}

/**
 * Takes in the bodies of messages, within limits that hold for each source and for all: octets are counted as they come,
 * and a place is taken only when the body is there. A body that does not come costs nobody else anything.
 */
export class Intake {
  readonly #clock: Clock;
  readonly #maxBodyBytes: number;
  readonly #messages = new Quota(MESSAGES);
  readonly #octets: Quota;

  /** @param maxBodyBytes largest body, before and after decompression */
  constructor(maxBodyBytes: number, clock: Clock) {
    this.#clock = clock;
    this.#maxBodyBytes = maxBodyBytes;
    const perSource = Math.max(LEAST_OCTETS_PER_SOURCE, 4 * maxBodyBytes);
    this.#octets = new Quota({ inAll: SOURCES_AT_FULL * perSource, perSource });
  }

  /**
   * Reads and decompresses the body and hands it on. Its place is free again when `work` has ended.
   * @throws HttpRefusal 415 for another content encoding than gzip and deflate, 408 when the body is too slow, 503 when
   * the source, or all together, have too much under way.
   * @throws BodyRefusal when the body is too large or cannot be decompressed
   * @throws CallerGone
   */
  async run<T>(request: IncomingMessage, source: string, work: (body: Buffer) => Promise<T>): Promise<T> {
    const decode = this.#decoderOf(request);
    if (Number(request.headers["content-length"] ?? 0) > this.#maxBodyBytes) throw this.#tooLarge();
    const account = new Account(this.#octets, source);
    try {
      const received = await this.#collect(request, account);
      if (!this.#messages.take(source)) throw busy();
      try {
        return await work(decode ? await this.#decompress(received, decode, account) : received);
      } finally {
        this.#messages.give(source);
      }
    } finally {
      account.close();
    }
  }

  #decoderOf(request: IncomingMessage): Decompress | undefined {
    const coding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
    if (coding === "identity") return undefined;
    if (!Object.hasOwn(decoders, coding)) {
      throw new HttpRefusal(415, `Content-Encoding ${coding} is not supported: send gzip, deflate or none`, {
        "accept-encoding": "gzip, deflate",
      });
    }
    return decoders[coding];
  }

  async #decompress(body: Buffer, decode: Decompress, account: Account): Promise<Buffer> {
    try {
      const inflated = await decode(body, { maxOutputLength: this.#maxBodyBytes });
      account.take(inflated.length);
      return inflated;
    } catch (error) {
      if (error instanceof HttpRefusal) throw error;
      if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw this.#tooLarge();
      throw new BodyRefusal("The message cannot be decompressed: it is not what its Content-Encoding says");
    }
  }

  #tooLarge(): BodyRefusal {
    return new BodyRefusal(`The message is larger than ${this.#maxBodyBytes} bytes`);
  }

  /** Reads what the connection brings, at most so many octets as a message may have. */
  #collect(request: IncomingMessage, account: Account): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const stop = () => {
        cancelTimer();
        request.off("data", onData).off("end", onEnd).off("close", onGone);
      };
      const fail = (failure: unknown) => {
        stop();
        // What still comes is thrown away, so that the answer can go out while the caller is sending.
        request.resume();
        reject(failure);
      };
      const onData = (chunk: Buffer) => {
        length += chunk.length;
        if (length > this.#maxBodyBytes) return fail(this.#tooLarge());
        try {
          account.take(chunk.length);
          chunks.push(chunk);
        } catch (refusal) {
          fail(refusal);
        }
      };
      const onEnd = () => {
        stop();
        resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length));
      };
      const onGone = () => fail(new CallerGone());
      const cancelTimer = this.#clock.after(BODY_TIMEOUT_MS, () =>
        fail(new HttpRefusal(408, "The message did not arrive in time", { connection: "close" })),
      );
      // An error of the connection is followed by close; without a listener it would end the process.
      request.on("data", onData).on("end", onEnd).on("close", onGone).on("error", ignoreError);
    });
  }
}
