import type { Peer } from "../http/peers.ts";
import type { Charset } from "./encoding.ts";
import type { Route } from "./routes.ts";
import type { AnswerSigner } from "./security/sign-answer.ts";
import type { RequestHeaders } from "./steps/authenticate.ts";

/** A message as it came over HTTP: decompressed, out of its MIME parts. */
export interface SoapMessage {
  readonly bytes: Buffer;
  /** `charset` of the content type, if any. */
  readonly charset: string | undefined;
  /** Where it came from, as callers are counted. */
  readonly source: string;
  /** Who is at the other end of the connection. */
  readonly peer: Peer;
}

/** The steps of a message in their order. Each has a file, its own limits, and ends in a fault of its own. */
export type StepName = "scan" | "parse" | "authenticate" | "route" | "validate" | "decode" | "answer";

/** A message on its way through the steps: what the steps so far found out. */
export interface Context {
  readonly message: SoapMessage;
  /** The step that runs. */
  step: StepName;
  /** From scan on. */
  charset?: Charset;
  /** From scan on, of a message with a Security header. */
  text?: string;
  /** With what its answer is signed, if it is. */
  signer?: AnswerSigner | undefined;
  /** From parse on: it is XML in a SOAP envelope. */
  isParsed: boolean;
  /** From authenticate on: who says that the message is theirs, and how it is to run. */
  headers?: RequestHeaders;
  /** True when its sender is not who the headers name, or has proved nothing: the log keeps little of it then. */
  isForeign?: boolean;
  route?: Route;
  /** From validate on: the body's element is one of the contract's, to the last facet. */
  isValid: boolean;
  /** From decode on: the body's element as plain values, of the type that belongs to `route.input`. */
  content?: unknown;
  /** What the log files the message under, as far as the message names it. */
  device?: string;
  correlationUid?: string;
}

/** A message that was understood. */
export interface Understood extends Context {
  readonly charset: Charset;
  readonly headers: RequestHeaders;
  readonly route: Route;
}

/** The context of a message that has just come. */
export function newContext(message: SoapMessage): Context {
  return { message, step: "scan", isParsed: false, isValid: false };
}
