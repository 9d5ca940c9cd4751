import { NAMESPACES } from "../../contract/generated/tables.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { Caller, Scheduling } from "../../domain/request.ts";
import { type Addressing, isAddressing, requireAnonymous } from "../addressing.ts";
import type { HeaderBlock } from "../envelope.ts";
import { SoapFault, shownName, validationFault } from "../fault.ts";
import { WSSE } from "../security/names.ts";

const { common: COMMON } = NAMESPACES;

const CALLER_HEADERS = ["OrganisationIdentification", "UserName", "ApplicationName"] as const;
const OTHER_HEADERS = ["MessagePriority", "ScheduleTime", "MaxScheduleTime", "BypassRetry", "ResponseUrl"] as const;
const KNOWN: ReadonlySet<string> = new Set([...CALLER_HEADERS, ...OTHER_HEADERS]);

const DEFAULT_PRIORITY = 4;
const HIGHEST_PRIORITY = 9;
/** The last instant that a date can hold (ECMA-262, section 21.4.1.1), in epoch milliseconds. */
const LAST_INSTANT_MS = 8_640_000_000_000_000;
/** The schema's xsd:long ends before. */
const LONG_END = 2 ** 63;
/**
 * Characters of a value that is stored with the request. User and application may hold blanks and more than the 40
 * characters of the schema: callers of the public contract get away with both.
 */
const LONGEST = 2_000;

/** What the headers of a request say. */
export interface RequestHeaders {
  readonly caller: Caller;
  readonly scheduling: Scheduling;
  /** Of WS-Addressing; present when the message has an id. */
  readonly addressing?: Addressing | undefined;
  /** Of WS-Security, if there is such a header: whether it may not be ignored. */
  readonly security?: { readonly mandatory: boolean } | undefined;
  /** All of them, as they were read. */
  readonly blocks: readonly HeaderBlock[];
}

/** Header blocks sorted out. */
interface Collected {
  readonly values: ReadonlyMap<string, string>;
  /** Namespaces of blocks that have the name of one of ours and are none. */
  readonly strangers: ReadonlyMap<string, string>;
  readonly addressing: Addressing | undefined;
  readonly security: { readonly mandatory: boolean } | undefined;
}

function invalid(name: string, text: string): never {
  throw validationFault([{ message: `Header ${name}: ${text}`, path: `/Envelope/Header/${name}` }]);
}

function collect(blocks: readonly HeaderBlock[]): Collected {
  const values = new Map<string, string>();
  const strangers = new Map<string, string>();
  let addressing: Addressing | undefined;
  let security: { mandatory: boolean } | undefined;
  for (const block of blocks) {
    const { namespace, name, text, mandatory } = block;
    if (namespace === COMMON && KNOWN.has(name)) {
      if (values.has(name)) invalid(name, "stands there more than once");
      values.set(name, text);
    } else if (isAddressing(block)) {
      requireAnonymous(block);
      if (name !== "MessageID") continue;
      if (addressing) invalid(name, "stands there more than once");
      addressing = { namespace, messageId: short(name, text) };
    } else if (namespace === WSSE && name === "Security") {
      if (security) invalid(name, "stands there more than once");
      security = { mandatory };
    } else {
      if (mandatory) throw new SoapFault("MustUnderstand", `Header ${shownName(namespace, name)} is not understood`);
      if (KNOWN.has(name)) strangers.set(name, namespace);
    }
  }
  return { values, strangers, addressing: addressing?.messageId ? addressing : undefined, security };
}

/** A header that must be there. Missing is a Server fault, as callers know it. */
function required({ values, strangers }: Collected, name: (typeof CALLER_HEADERS)[number]): string {
  const value = values.get(name);
  if (value) return short(name, value);
  const stranger = strangers.get(name);
  const hint =
    stranger === undefined ? "" : `; there is ${shownName(stranger, name)}, but its namespace must be ${COMMON}`;
  throw new SoapFault("Server", `Missing SOAP header element: ${name}${hint}`);
}

function short(name: string, value: string): string {
  if (value.length > LONGEST) invalid(name, `is longer than ${LONGEST} characters`);
  return value;
}

function organisation(collected: Collected): string {
  const value = required(collected, "OrganisationIdentification");
  if (!/^\S{1,40}$/u.test(value)) invalid("OrganisationIdentification", "must have 1 to 40 characters and no space");
  return value;
}

type Values = ReadonlyMap<string, string>;

/**
 * Epoch milliseconds; an empty element counts as absent, as do the others below.
 * @throws MetergateError VALIDATION_ERROR for a number that is no instant
 */
function epochMs(values: Values, name: string): number | undefined {
  const value = values.get(name);
  if (!value) return undefined;
  const number = Number(value);
  if (!/^\+?\d+$/.test(value) || number >= LONG_END) invalid(name, "must be milliseconds since 1970");
  if (number <= LAST_INSTANT_MS) return number;
  throw new MetergateError("VALIDATION_ERROR", `${name} must be at most ${LAST_INSTANT_MS} milliseconds since 1970`);
}

function priority(values: Values): number {
  const value = values.get("MessagePriority");
  if (!value) return DEFAULT_PRIORITY;
  if (!/^[+-]?\d+$/.test(value)) invalid("MessagePriority", "must be a whole number");
  return Math.min(Math.max(Number(value), 0), HIGHEST_PRIORITY);
}

function bypassRetry(values: Values): boolean {
  const value = values.get("BypassRetry") || "false";
  if (!["true", "1", "false", "0"].includes(value)) invalid("BypassRetry", "must be true or false");
  return value === "true" || value === "1";
}

function responseUrl(values: Values): string | undefined {
  const value = values.get("ResponseUrl");
  if (!value) return undefined;
  if (value.length < 10 || !/^https?:\/\/./.test(value) || !URL.canParse(value)) {
    invalid("ResponseUrl", "must be an http or https address");
  }
  return short("ResponseUrl", value);
}

/**
 * Who sends the message and how it is to run, from the headers in whatever order they stand. A priority outside 0 … 9 is
 * clamped.
 * @throws SoapFault MustUnderstand, Server when a caller header is missing, Client when a value is not valid.
 * @throws MetergateError VALIDATION_ERROR
 */
export function readHeaders(blocks: readonly HeaderBlock[]): RequestHeaders {
  const collected = collect(blocks);
  const { values, addressing, security } = collected;
  return {
    caller: {
      organisation: organisation(collected),
      userName: required(collected, "UserName"),
      applicationName: required(collected, "ApplicationName"),
    },
    scheduling: {
      priority: priority(values),
      scheduleTimeMs: epochMs(values, "ScheduleTime"),
      maxScheduleTimeMs: epochMs(values, "MaxScheduleTime"),
      bypassRetry: bypassRetry(values),
      responseUrl: responseUrl(values),
    },
    addressing,
    security,
    blocks,
  };
}
