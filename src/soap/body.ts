import type { IncomingMessage } from "node:http";
import { promisify } from "node:util";
import { gunzip, inflate } from "node:zlib";
import type { Clock } from "../lib/clock.ts";
import { SoapFault } from "./fault.ts";

/** An answer in HTTP's own words, without a SOAP envelope: the message never was one. */
export class HttpRefusal extends Error {
  readonly code = "HTTP_REFUSAL";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    super(text);
    this.name = "HttpRefusal";
    this.status = status;
    this.headers = headers;
  }
}

/** The caller went away before its message was complete: there is nobody to answer. */
export class CallerGone extends Error {
  readonly code = "CALLER_GONE";
  constructor() {
    super("the connection closed before the message was complete");
    this.name = "CallerGone";
  }
}

/** Limits of one message. */
export interface BodyLimits {
  /** Octets, before and after decompression. */
  readonly maxBodyBytes: number;
  /** Milliseconds from the headers to the last octet of the body. */
  readonly bodyTimeoutMs: number;
}

const decoders = {
  gzip: promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  "x-gzip": promisify<Buffer, { maxOutputLength: number }, Buffer>(gunzip),
  deflate: promisify<Buffer, { maxOutputLength: number }, Buffer>(inflate),
};

function tooLarge(limit: number): SoapFault {
  return new SoapFault("Client", `The message is larger than ${limit} bytes`, { httpStatus: 413 });
}

/** Reads what the connection brings, at most `maxBodyBytes` octets. */
function collect(request: IncomingMessage, { maxBodyBytes, bodyTimeoutMs }: BodyLimits, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const stop = () => {
      cancelTimer();
      request.off("data", onData).off("end", onEnd).off("close", onGone);
    };
    const fail = (failure: Error) => {
      stop();
      // What still comes is thrown away, so that the answer can go out while the caller is sending.
      request.resume();
      reject(failure);
    };
    const onData = (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBodyBytes) fail(tooLarge(maxBodyBytes));
      else chunks.push(chunk);
    };
    const onEnd = () => {
      stop();
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length));
    };
    const onGone = () => fail(new CallerGone());
    const cancelTimer = clock.after(bodyTimeoutMs, () =>
      fail(new HttpRefusal(408, "The message did not arrive in time", { connection: "close" })),
    );
    // An error of the connection is followed by close; without a listener it would end the process.
    request.on("data", onData).on("end", onEnd).on("close", onGone).on("error", ignoreError);
  });
}

function ignoreError(): void {}

/**
 * The body of a request, decompressed.
 * @throws SoapFault with status 413 when it is larger than the limit, Client when it cannot be decompressed.
 * @throws HttpRefusal 415 for another content encoding than gzip and deflate, 408 when it is too slow.
 * @throws CallerGone
 */
export async function readBody(request: IncomingMessage, limits: BodyLimits, clock: Clock): Promise<Buffer> {
  const coding = (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  if (coding !== "identity" && !Object.hasOwn(decoders, coding)) {
    throw new HttpRefusal(415, `Content-Encoding ${coding} is not supported: send gzip, deflate or none`, {
      "accept-encoding": "gzip, deflate",
    });
  }
  if (Number(request.headers["content-length"] ?? 0) > limits.maxBodyBytes) throw tooLarge(limits.maxBodyBytes);
  const body = await collect(request, limits, clock);
  if (coding === "identity") return body;
  try {
    return await decoders[coding as keyof typeof decoders](body, { maxOutputLength: limits.maxBodyBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(limits.maxBodyBytes);
    throw new SoapFault("Client", `The message is not valid ${coding} data`);
  }
}
