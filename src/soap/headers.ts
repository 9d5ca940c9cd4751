import type { Caller, Scheduling } from "../domain/request.ts";
import type { HeaderBlock } from "./envelope.ts";
import { SoapFault, validationFault } from "./fault.ts";

const COMMON = "http://www.opensmartgridplatform.org/schemas/common/2014/10";
const ADDRESSING = ["http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing"];

const CALLER_HEADERS = ["OrganisationIdentification", "UserName", "ApplicationName"] as const;
const OTHER_HEADERS = ["MessagePriority", "ScheduleTime", "MaxScheduleTime", "BypassRetry", "ResponseUrl"] as const;
const KNOWN: ReadonlySet<string> = new Set([...CALLER_HEADERS, ...OTHER_HEADERS]);

const DEFAULT_PRIORITY = 4;
const HIGHEST_PRIORITY = 9;
/**
 * Characters of a value that is stored with the request. User and application may hold blanks and more than the 40
 * characters of the schema: callers of the public contract get away with both.
 */
const LONGEST = 2_000;

/** What the headers of a request say. */
export interface RequestHeaders {
  readonly caller: Caller;
  readonly scheduling: Scheduling;
  /** WS-Addressing MessageID, as the caller wrote it. */
  readonly clientMessageId?: string | undefined;
}

function invalid(name: string, text: string): never {
  throw validationFault([{ message: `Header ${name}: ${text}`, path: `/Envelope/Header/${name}` }]);
}

/** Every header that is ours by its name, and the message id. */
function collect(blocks: readonly HeaderBlock[]): { values: Map<string, string>; messageId: string | undefined } {
  const values = new Map<string, string>();
  let messageId: string | undefined;
  for (const { namespace, name, text, mandatory } of blocks) {
    if (namespace === COMMON && KNOWN.has(name)) {
      if (values.has(name)) invalid(name, "stands there more than once");
      values.set(name, text);
    } else if (name === "MessageID" && ADDRESSING.includes(namespace)) {
      if (messageId !== undefined) invalid(name, "stands there more than once");
      messageId = text;
    } else if (mandatory) {
      throw new SoapFault("MustUnderstand", `Header {${namespace}}${name} is not understood`);
    }
  }
  return { values, messageId };
}

/** A header that must be there. Missing is a Server fault, as callers know it. */
function required(values: ReadonlyMap<string, string>, name: (typeof CALLER_HEADERS)[number]): string {
  const value = values.get(name);
  if (!value) throw new SoapFault("Server", `Missing SOAP header element: ${name}`);
  return short(name, value);
}

function short(name: string, value: string): string {
  if (value.length > LONGEST) invalid(name, `is longer than ${LONGEST} characters`);
  return value;
}

function organisation(values: ReadonlyMap<string, string>): string {
  const value = required(values, "OrganisationIdentification");
  if (!/^\S{1,40}$/u.test(value)) invalid("OrganisationIdentification", "must have 1 to 40 characters and no space");
  return value;
}

/** Epoch milliseconds; an empty element counts as absent, as do the others below. */
function epochMs(values: ReadonlyMap<string, string>, name: string): number | undefined {
  const value = values.get(name);
  if (!value) return undefined;
  const number = Number(value);
  if (!/^\+?\d+$/.test(value) || !Number.isSafeInteger(number)) invalid(name, "must be milliseconds since 1970");
  return number;
}

function priority(values: ReadonlyMap<string, string>): number {
  const value = values.get("MessagePriority");
  if (!value) return DEFAULT_PRIORITY;
  if (!/^[+-]?\d+$/.test(value)) invalid("MessagePriority", "must be a whole number");
  return Math.min(Math.max(Number(value), 0), HIGHEST_PRIORITY);
}

function bypassRetry(values: ReadonlyMap<string, string>): boolean {
  const value = values.get("BypassRetry") || "false";
  if (!["true", "1", "false", "0"].includes(value)) invalid("BypassRetry", "must be true or false");
  return value === "true" || value === "1";
}

function responseUrl(values: ReadonlyMap<string, string>): string | undefined {
  const value = values.get("ResponseUrl");
  if (!value) return undefined;
  if (value.length < 10 || !/^https?:\/\/./.test(value) || !URL.canParse(value)) {
    invalid("ResponseUrl", "must be an http or https address");
  }
  return short("ResponseUrl", value);
}

/**
 * Reads the headers, in whatever order they stand. A priority outside 0 … 9 is clamped.
 * @throws SoapFault MustUnderstand, Server when a caller header is missing, Client when a value is not valid.
 */
export function readHeaders(blocks: readonly HeaderBlock[]): RequestHeaders {
  const { values, messageId } = collect(blocks);
  return {
    caller: {
      organisation: organisation(values),
      userName: required(values, "UserName"),
      applicationName: required(values, "ApplicationName"),
    },
    scheduling: {
      priority: priority(values),
      scheduleTimeMs: epochMs(values, "ScheduleTime"),
      maxScheduleTimeMs: epochMs(values, "MaxScheduleTime"),
      bypassRetry: bypassRetry(values),
      responseUrl: responseUrl(values),
    },
    clientMessageId: messageId ? short("MessageID", messageId) : undefined,
  };
}
