import type { AarqApdu, ActionResult, AttributeReference, DataAccessResult, MethodReference } from "../../dlms/apdu.ts";
import { decodeApdu, encodeApdu } from "../../dlms/apdu-codec.ts";
import { DlmsError } from "../../dlms/errors.ts";
import { concatBytes, fromHex } from "../../lib/bytes.ts";
import type { ObisCode } from "../../lib/obis.ts";
import type { Behaviour, ImageSettings, ReceivedApdu } from "./behaviour.ts";
import type { Meter } from "./meter.ts";

const TAGS = {
  aarq: 0x60,
  aare: 0x61,
  rlrq: 0x62,
  rlre: 0x63,
  actionResponse: 0xc7,
  cipheredInitiateRequest: 0x21,
  cipheredInitiateResponse: 0x28,
} as const;

const PUBLIC_CLIENT = 16;
/** Diagnostics of the ACSE service user. */
const NO_REASON_GIVEN = 1;
const AUTHENTICATION_FAILURE = 13;

/** Answers late. */
export const late = (ms: number): Behaviour => ({ name: "late", delayMs: () => ms });

/** Takes that long before it serves a new connection. */
export const slowAccept = (ms: number): Behaviour => ({ name: "slow-accept", accept: () => ms });

/** Does what it is told but never answers, from the `from`-th APDU of a connection on. */
export const silent = (from = 1): Behaviour => ({
  name: "silent",
  answer: (_answer, { number }) => (number >= from ? "ignore" : undefined),
});

/** Does not even hear, from the `from`-th APDU of a connection on. */
export const deaf = (from = 1): Behaviour => ({
  name: "deaf",
  request: ({ number }) => (number >= from ? "ignore" : undefined),
});

/** Does not let an attribute be read or written. */
export const refusedAttribute = (
  attribute: Pick<AttributeReference, "classId" | "logicalName" | "attribute">,
  result: Exclude<DataAccessResult, "success">,
): Behaviour => {
  const matches = (other: AttributeReference) =>
    other.logicalName === attribute.logicalName &&
    other.classId === attribute.classId &&
    other.attribute === attribute.attribute;
  return {
    name: "refused-attribute",
    get: (reference) => (matches(reference) ? { error: result } : undefined),
    set: (reference) => (matches(reference) ? result : undefined),
  };
};

/** Does not carry out a method: always, or the next `times` times. */
export const refusedMethod = (
  method: MethodReference,
  result: Exclude<ActionResult, "success">,
  times = Number.POSITIVE_INFINITY,
): Behaviour => {
  let left = times;
  return {
    name: "refused-method",
    invoke: ({ classId, logicalName, method: id }) => {
      const matches = classId === method.classId && logicalName === method.logicalName && id === method.method;
      return matches && left-- > 0 ? { result } : undefined;
    },
  };
};

/** When the connection is cut, seen from an APDU that came. */
export type CutMoment = "before-effect" | "after-effect" | "after-answer";

/** Cuts the connection at its `number`-th APDU: before it takes effect, before the answer goes out, or afterwards. */
export const cutConnection = (number: number, when: CutMoment): Behaviour => {
  const due = (exchange: ReceivedApdu): "cut" | undefined => (exchange.number >= number ? "cut" : undefined);
  const name = "cut-connection";
  if (when === "before-effect") return { name, request: due };
  return when === "after-effect" ? { name, answer: (_answer, exchange) => due(exchange) } : { name, answered: due };
};

/** Answers whose last octet, part of the authentication tag, is wrong. */
export const wrongTag = (): Behaviour => ({
  name: "wrong-tag",
  answer: (answer) => (isCiphered(answer) ? { answer: withLastOctetFlipped(answer) } : undefined),
});

function withLastOctetFlipped(octets: Uint8Array): Uint8Array {
  const changed = octets.slice();
  changed[changed.length - 1]! ^= 0x01;
  return changed;
}

function isCiphered(apdu: Uint8Array): boolean {
  const tag = apdu[0]!;
  return (tag >= 0xc8 && tag <= 0xd7) || tag === 0xdb || tag === 0xdc;
}

/** Ciphers every answer with the same invocation counter. */
export const replayedCounter = (counter = 0): Behaviour => ({ name: "replayed-counter", counter });

/** Takes counters that it has seen in earlier associations. */
export const acceptsAnyCounter = (): Behaviour => ({ name: "accepts-any-counter", replayCheck: "association" });

/** Begins each association with counter 0. */
export const restartsCounter = (): Behaviour => ({ name: "restarts-counter", restartsCounter: true });

/** What a client hears whose counter is too low; the last two only when it associates, later it is as usual. */
export type LowCounterAnswer = "expected-counter" | "silence" | "deciphering-error" | "rejection" | "cut";

/**
 * What it does when a client's counter is too low: says which one it expects, as usual, nothing at all, that it could
 * not decipher, that it rejects the association without a reason, or hangs up.
 */
export const lowCounter = (answer: LowCounterAnswer): Behaviour => {
  const name = "low-counter";
  if (answer !== "rejection" && answer !== "cut") return { name, replayAnswer: answer };
  return {
    name,
    request: ({ meter, request }) => {
      const counter = associationCounter(request);
      if (counter === undefined || counter >= meter.expectedInvocationCounter) return undefined;
      return answer === "cut" ? "cut" : { answer: rejection(NO_REASON_GIVEN) };
    },
  };
};

/** The invocation counter of a ciphered initiate-request inside an AARQ. */
function associationCounter(request: Uint8Array): number | undefined {
  const initiate = decodedAarq(request)?.userInformation;
  if (initiate?.[0] !== TAGS.cipheredInitiateRequest || initiate.length < 7) return undefined;
  return new DataView(initiate.buffer, initiate.byteOffset).getUint32(3);
}

function decodedAarq(request: Uint8Array): AarqApdu | undefined {
  if (request[0] !== TAGS.aarq) return undefined;
  try {
    const apdu = decodeApdu(request);
    return apdu.type === "aarq" ? apdu : undefined;
  } catch (error) {
    if (error instanceof DlmsError) return undefined;
    throw error;
  }
}

/** Takes and sends APDUs of that many octets at most. */
export const smallPdu = (octets: number): Behaviour => ({ name: "small-pdu", maxPduSize: octets });

/** Answers without their last octets; the frame around them is whole. */
export const truncated = (octets = 1): Behaviour => ({
  name: "truncated",
  answer: (answer) => ({ answer: answer.slice(0, Math.max(1, answer.length - octets)) }),
});

/**
 * Puts user information into the answer to a release request, and announces four octets less than there are: the peer's
 * length octet leaves out what it added.
 */
export const wrongReleaseLength = (): Behaviour => ({
  name: "wrong-release-length",
  answer: (answer, exchange) => {
    if (answer[0] !== TAGS.rlre) return undefined;
    const plain = fromHex("0800065F1F0400007E1F04000007");
    const sealed = isPublic(exchange) ? plain : sealedInitiateResponse(exchange.meter, plain);
    const body = concatBytes(fromHex("800100BE"), Uint8Array.of(sealed.length + 2, 0x04, sealed.length), sealed);
    return { answer: concatBytes(Uint8Array.of(TAGS.rlre, body.length - 4), body) };
  },
});

function isPublic({ client }: ReceivedApdu): boolean {
  return client === PUBLIC_CLIENT;
}

function sealedInitiateResponse({ cipherKeys, description, invocationCounter }: Meter, plain: Uint8Array): Uint8Array {
  const payload = cipherKeys.protect(plain, description.systemTitle, invocationCounter.next());
  return encodeApdu({ type: "ciphered", tag: TAGS.cipheredInitiateResponse, payload });
}

/** Answers a release request with an exception-response, and stays associated. */
export const exceptionOnRelease = (): Behaviour => ({
  name: "exception-on-release",
  request: ({ request }) => (request[0] === TAGS.rlrq ? { answer: fromHex("D80102") } : undefined),
});

/** Closes the connection when it is released, without an answer. */
export const closesOnRelease = (): Behaviour => ({
  name: "closes-on-release",
  request: ({ request }) => (request[0] === TAGS.rlrq ? "cut" : undefined),
});

/** Hangs up on a second client while a first one is connected. */
export const oneClientAtATime = (): Behaviour => ({
  name: "one-client-at-a-time",
  accept: (others) => (others > 0 ? "cut" : undefined),
});

/** Serves nobody for a while after a client has gone without release. */
export const staysAssociated = (ms: number): Behaviour => {
  let untilMs = Number.NEGATIVE_INFINITY;
  const now = (meter: Meter) => meter.description.clock.elapsed();
  return {
    name: "stays-associated",
    dropped: (meter) => {
      untilMs = now(meter) + ms;
    },
    accept: (_others, meter) => (now(meter) < untilMs ? "cut" : undefined),
  };
};

/** Leaves out the octet that says there are no return parameters, at the end of an answer to ACTION. */
export const actionWithoutReturnOctet = (): Behaviour => ({
  name: "action-without-return-octet",
  plain: (answer) =>
    answer[0] === TAGS.actionResponse && answer[1] === 1 && answer.length === 5 ? answer.slice(0, 4) : undefined,
});

/** Answers requests with octets that are no APDU, ciphered like an answer. */
export const nonsense = (): Behaviour => ({
  name: "nonsense",
  plain: (_answer, { number }) => (number > 2 ? fromHex("0001C109") : undefined),
});

/** Says read-write-denied for objects that it does not have. */
export const deniesUnknownObjects = (): Behaviour => ({
  name: "denies-unknown-objects",
  get: (reference, meter) => (isKnown(reference, meter) ? undefined : { error: "read-write-denied" }),
  set: (reference, meter) => (isKnown(reference, meter) ? undefined : "read-write-denied"),
  invoke: (reference, meter) => (isKnown(reference, meter) ? undefined : { result: "read-write-denied" }),
});

function isKnown({ logicalName }: { readonly logicalName: ObisCode }, meter: Meter): boolean {
  return meter.profile.objects.has(logicalName);
}

/** Image transfer that loses blocks, or takes its time. */
export const imageTransfer = (image: Partial<ImageSettings>): Behaviour => ({ name: "image-transfer", image });

/** Rejects association requests whose challenge is longer. */
export const shortChallengesOnly = (most = 63): Behaviour => ({
  name: "short-challenges-only",
  request: ({ request }) =>
    (decodedAarq(request)?.callingAuthenticationValue?.length ?? 0) > most
      ? { answer: rejection(AUTHENTICATION_FAILURE) }
      : undefined,
});

/** Rejected permanently. */
function rejection(diagnostic: number): Uint8Array {
  return encodeApdu({
    type: "aare",
    applicationContext: "logical-name-with-ciphering",
    result: 1,
    diagnosticSource: "acse-service-user",
    diagnostic,
  });
}

/** Names its protocol version in the answer to an association request, which is optional. */
export const namesProtocolVersion = (): Behaviour => ({
  name: "names-protocol-version",
  answer: (answer) =>
    answer[0] === TAGS.aare && answer[1]! < 0x7c
      ? {
          answer: concatBytes(Uint8Array.of(TAGS.aare, answer[1]! + 4), fromHex("80020780"), answer.subarray(2)),
        }
      : undefined,
});

/** Writes to the connection in pieces of that many octets. */
export const inPieces = (octets = 1): Behaviour => ({ name: "in-pieces", pieceLength: octets });
