import { parseObis } from "../lib/obis.ts";
import type { Apdu, ApplicationContext, ConformanceBit, MethodReference } from "./apdu.ts";
import { DlmsError } from "./errors.ts";
import { nameServiceError } from "./service-error.ts";

/** Version of the xDLMS protocol in InitiateRequest and InitiateResponse. */
export const DLMS_VERSION = 6;
/** Stands for "no limit" on the wire; then the wrapper's limit holds. */
const NO_PDU_LIMIT = 0;
const LARGEST_PDU = 0xffff;

/** How objects are named: by class and OBIS code, or by a 16-bit address. */
export type Referencing = "logical-name" | "short-name";

/** What is proposed, respectively granted, unless something else is asked for. */
export const DEFAULT_CONFORMANCE: Readonly<Record<Referencing, readonly ConformanceBit[]>> = {
  "logical-name": [
    "attribute0-supported-with-set",
    "priority-mgmt-supported",
    "attribute0-supported-with-get",
    "block-transfer-with-get-or-read",
    "block-transfer-with-set-or-write",
    "block-transfer-with-action",
    "multiple-references",
    "get",
    "set",
    "selective-access",
    "action",
  ],
  "short-name": ["read", "write", "block-transfer-with-get-or-read", "multiple-references", "parameterized-access"],
};

/** vaa-name in the InitiateResponse, by referencing. */
export const VAA_NAMES: Readonly<Record<Referencing, number>> = { "logical-name": 7, "short-name": 0xfa00 };

/** reply_to_HLS_authentication of the current association: passes 3 and 4 of high-level security. */
export const HLS_METHOD: MethodReference = { classId: 15, logicalName: parseObis("0.0.40.0.0.255"), method: 1 };

/** The application context that an AARQ proposes. */
export function applicationContext(referencing: Referencing, ciphering: boolean): ApplicationContext {
  return ciphering ? `${referencing}-with-ciphering` : referencing;
}

/** Octets that a peer takes, from the size in its Initiate APDU. */
export function pduLimit(maxReceivePduSize: number): number {
  return maxReceivePduSize === NO_PDU_LIMIT ? LARGEST_PDU : maxReceivePduSize;
}

/** What an APDU is for, as far as the state of an association is concerned. */
export type ApduKind =
  | "association-request"
  | "association-response"
  | "release-request"
  | "release-response"
  | "request"
  | "response"
  | "refusal"
  | "notification"
  /** Initiate APDUs stand inside AARQ and AARE, ciphered ones and blocks hold others; none has a place of its own. */
  | "inner";

const KINDS: Readonly<Record<Apdu["type"], ApduKind>> = {
  aarq: "association-request",
  aare: "association-response",
  rlrq: "release-request",
  rlre: "release-response",
  ciphered: "inner",
  "general-block": "inner",
  "initiate-request": "inner",
  "initiate-response": "inner",
  "get-request-normal": "request",
  "get-request-next": "request",
  "get-request-with-list": "request",
  "get-response-normal": "response",
  "get-response-with-datablock": "response",
  "get-response-with-list": "response",
  "set-request-normal": "request",
  "set-request-with-first-datablock": "request",
  "set-request-with-datablock": "request",
  "set-request-with-list": "request",
  "set-request-with-list-and-first-datablock": "request",
  "set-response-normal": "response",
  "set-response-datablock": "response",
  "set-response-last-datablock": "response",
  "set-response-last-datablock-with-list": "response",
  "set-response-with-list": "response",
  "action-request-normal": "request",
  "action-request-next-pblock": "request",
  "action-request-with-list": "request",
  "action-request-with-first-pblock": "request",
  "action-request-with-list-and-first-pblock": "request",
  "action-request-with-pblock": "request",
  "action-response-normal": "response",
  "action-response-with-pblock": "response",
  "action-response-with-list": "response",
  "action-response-next-pblock": "response",
  "exception-response": "refusal",
  "confirmed-service-error": "refusal",
  "data-notification": "notification",
  "event-notification-request": "notification",
  "read-request": "request",
  "read-response": "response",
  "write-request": "request",
  "write-response": "response",
};

/** What an APDU is to an association, whichever service it belongs to. */
export function kindOf(apdu: Apdu): ApduKind {
  return KINDS[apdu.type];
}

/** Where a client stands. */
export type ClientState =
  /** Nothing was sent yet. */
  | "idle"
  /** The link is being opened. */
  | "linking"
  /** The AARQ was sent. */
  | "associating"
  /** Pass 3 of HLS was sent. */
  | "authenticating"
  | "associated"
  /** A request waits for its answer. */
  | "requesting"
  /** The RLRQ was sent. */
  | "releasing"
  /** The link is being closed. */
  | "unlinking"
  /** Released or failed; nothing goes on from here. */
  | "closed";

/** What a client does with an APDU that it may get. */
export type ClientStep = "associate" | "authenticate" | "advance" | "refused" | "rejected";

/**
 * What a client does with which APDU in which state; one that is not here is `remote/unexpected-apdu`. Notifications are
 * not here because they are told of in every state and change none.
 */
export const CLIENT_STEPS: Readonly<Record<ClientState, Readonly<Partial<Record<ApduKind, ClientStep>>>>> = {
  idle: {},
  linking: {},
  associating: { "association-response": "associate", refusal: "rejected" },
  authenticating: { response: "authenticate", refusal: "rejected" },
  associated: {},
  requesting: { response: "advance", refusal: "refused" },
  // Whatever else comes, an RLRE, a refusal as some meters send, or octets that make no sense: it is released.
  releasing: {},
  unlinking: {},
  closed: {},
};

/** Where a server stands with its client. */
export type ServerState = "unassociated" | "authenticating" | "associated";

/** What a server does with an APDU that it may get. */
export type ServerStep = "associate" | "authenticate" | "serve" | "release";

/** What a server does with which APDU in which state; one that is not here is answered with an exception-response. */
export const SERVER_STEPS: Readonly<Record<ServerState, Readonly<Partial<Record<ApduKind, ServerStep>>>>> = {
  unassociated: { "association-request": "associate" },
  authenticating: { "association-request": "associate", "release-request": "release", request: "authenticate" },
  associated: { "association-request": "associate", "release-request": "release", request: "serve" },
};

/** State-error and service-error of exception-responses. */
export const EXCEPTIONS = {
  notAllowed: { stateError: 1, serviceError: 1 },
  notSupported: { stateError: 2, serviceError: 2 },
  decipheringError: { stateError: 2, serviceError: 5 },
  invocationCounterError: { stateError: 1, serviceError: 6 },
} as const;

/** What a refusal says, as an error with its numbers in the context. */
export function refusalError(apdu: Apdu): DlmsError {
  if (apdu.type === "exception-response") {
    const { type, ...numbers } = apdu;
    const message = `the server answered with ${type} ${apdu.stateError} ${apdu.serviceError}`;
    return new DlmsError("remote/exception-response", message, numbers);
  }
  if (apdu.type === "confirmed-service-error") {
    const { type, ...numbers } = apdu;
    const message = `the server answered with ${type}: ${nameServiceError(apdu)}`;
    return new DlmsError("remote/service-error", message, numbers);
  }
  return new DlmsError("remote/unexpected-apdu", `${apdu.type} came instead of an answer`, { apdu: apdu.type });
}

/** The error for an APDU that has no place where it came. */
export function unexpectedApdu(apdu: Apdu, state: string): DlmsError {
  return new DlmsError("remote/unexpected-apdu", `${apdu.type} has no place in the state ${state}`, {
    apdu: apdu.type,
    state,
  });
}
