import type { PushedAlarm } from "../contract/operations/push-notification-alarm.ts";
import type { Action, OperationName } from "../domain/operations.ts";
import type { Caller, RequestOutcome, Scheduling } from "../domain/request.ts";

/** The bytes of a message as the log keeps them. */
export interface LoggedBytes {
  /** As they were on the wire after transfer and content encoding, but for redacted parts. */
  readonly bytes: Uint8Array;
  readonly redacted: boolean;
  /** How many values were replaced by a marker. */
  readonly redactions: number;
}

/** A request that was understood and is now to be made durable. */
export interface AcceptInput {
  readonly caller: Caller;
  readonly scheduling: Scheduling;
  readonly operation: OperationName;
  readonly device: string;
  readonly actions: readonly Action[];
  readonly message: LoggedBytes & {
    /** Name of the service in its WSDL: SmartMeteringConfiguration. */
    readonly service: string;
  };
  /** Id that the caller gave the message; the same id with the same content is the same request. */
  readonly clientMessageId?: string | undefined;
  /** Makes the answer that goes out, so that it can be logged in the transaction that stores the request. */
  respond(correlationUid: string): Uint8Array;
}

/** What asks for the outcome of a request. */
export interface FetchInput {
  readonly caller: Caller;
  readonly operation: OperationName;
  readonly device: string;
  readonly correlationUid: string;
}

/** The life of requests as the SOAP front sees it. All throw MetergateError when they refuse. */
export interface RequestsPort {
  /** Resolves once the request is durable. `response` is what `respond` gave, now or when the message came first. */
  accept(input: AcceptInput): Promise<{ readonly correlationUid: string; readonly response: Uint8Array }>;
  fetch(input: FetchInput): Promise<RequestOutcome>;
  fetchAlarm(input: {
    readonly caller: Caller;
    readonly device: string;
    readonly correlationUid: string;
  }): Promise<PushedAlarm>;
  deleteResponseData(input: { readonly caller: Caller; readonly correlationUid: string }): Promise<void>;
}

/** One message for the log that no request row goes with: fetches, refusals and their answers. */
export interface SoapLogEntry extends LoggedBytes {
  readonly direction: "received" | "sent";
  readonly service: string;
  /** Local name of the body's element, or what was wrong. */
  readonly kind: string;
  readonly caller?: Caller | undefined;
  readonly device?: string | undefined;
  readonly correlationUid?: string | undefined;
}

/** Resolves once all entries are durable; they stay in their order. */
export interface MessageLogPort {
  log(entries: readonly SoapLogEntry[]): Promise<void>;
}

/** Where defects and refusals are told to operators; never given bodies or secrets. */
export interface SoapLogger {
  error(context: Readonly<Record<string, unknown>>, text: string): void;
  warn(context: Readonly<Record<string, unknown>>, text: string): void;
}
