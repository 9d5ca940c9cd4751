import { timingSafeEqual } from "node:crypto";
import type { Random } from "../lib/random.ts";
import type { AareApdu, AarqApdu, ConformanceBit, InitiateRequest } from "./apdu.ts";
import { decodeApdu, encodeApdu } from "./apdu-codec.ts";
import { applicationContext, DEFAULT_CONFORMANCE, DLMS_VERSION, pduLimit, VAA_NAMES } from "./association.ts";
import type { BlockLimits } from "./blocks.ts";
import { DlmsError } from "./errors.ts";
import { GeneralBlockTransfer } from "./general-block-transfer.ts";
import { SecureChannel } from "./secure-channel.ts";
import { CHALLENGE_LENGTHS, SYSTEM_TITLE_LENGTH } from "./security.ts";
import { ServerExchange } from "./server-exchange.ts";
import type { ServerAssociation, ServerCiphering, ServerSecurity } from "./server-options.ts";

const DEFAULT_CHALLENGE_LENGTH = 16;

/** Result and diagnostics of the ACSE service user (IEC 62056-5-3, AARE). */
const ACCEPTED = 0;
const REJECTED_PERMANENT = 1;
const DIAGNOSTICS = {
  none: 0,
  noReason: 1,
  contextNotSupported: 2,
  apTitleNotRecognised: 3,
  mechanismNotRecognised: 11,
  authenticationFailure: 13,
  authenticationRequired: 14,
} as const;

/** Octets that a client must be able to take: a ciphered block has room in them. */
const MIN_CLIENT_PDU = 64;
/** ConfirmedServiceError: initiateError, initiate, pdu-size-too-short. */
const PDU_TOO_SHORT = { type: "confirmed-service-error", service: 1, category: 6, value: 3 } as const;

/** What is known of an association once its AARQ has been accepted. */
export interface Association {
  readonly client: number;
  readonly server: number;
  readonly channel: SecureChannel | undefined;
  readonly exchange: ServerExchange;
  /** What was granted. */
  readonly conformance: readonly ConformanceBit[];
  /** There when General-Block-Transfer was granted. */
  readonly blocks: GeneralBlockTransfer | undefined;
  /** Octets of the longest APDU that the client takes and the server sends, ciphered as it is. */
  readonly maxSendPduSize: number;
  /** Of HLS5: what each side wants to see answered. */
  readonly challenges?: { readonly client: Uint8Array; readonly server: Uint8Array } | undefined;
}

/** What a server knows of who asks for an association, and may tell of itself. */
export interface AssociationContext {
  readonly client: number;
  readonly server: number;
  readonly random: Pick<Random, "bytes">;
  /** Of requests in blocks. */
  readonly limits: BlockLimits;
  /** Blocks in a row. */
  readonly generalBlockWindow: number;
}

/** An AARE, and the association unless the AARE refuses it. */
export interface AssociationAnswer {
  readonly aare: Uint8Array;
  readonly association?: Association | undefined;
}

/** Thrown inside this file to refuse an association with a diagnostic. */
class Refusal {
  readonly diagnostic: number;
  readonly userInformation: Uint8Array | undefined;

  constructor(diagnostic: number, userInformation?: Uint8Array) {
    this.diagnostic = diagnostic;
    this.userInformation = userInformation;
  }
}

/**
 * Judges an AARQ by what the client may associate as; undefined when that is nothing.
 * @throws DlmsError when the user information cannot be deciphered or decoded.
 */
export function answerAarq(
  aarq: AarqApdu,
  options: ServerAssociation | undefined,
  context: AssociationContext,
): AssociationAnswer {
  try {
    if (!options) throw new Refusal(DIAGNOSTICS.noReason);
    return accept(aarq, options, context);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { applicationContext } = aarq;
    const { diagnostic, userInformation } = error;
    return {
      aare: encodeApdu(aareOf({ applicationContext, result: REJECTED_PERMANENT, diagnostic, userInformation })),
    };
  }
}

function accept(aarq: AarqApdu, options: ServerAssociation, context: AssociationContext): AssociationAnswer {
  const { security, referencing = "logical-name" } = options;
  const ciphering = cipheringOf(security);
  if (aarq.applicationContext !== applicationContext(referencing, ciphering !== undefined)) {
    throw new Refusal(DIAGNOSTICS.contextNotSupported);
  }
  authenticate(aarq, security);
  const channel = ciphering && openChannel(aarq, ciphering);
  const initiate = openInitiate(aarq.userInformation, channel);
  const clientMaxReceivePduSize = pduLimit(initiate.request.clientMaxReceivePduSize);
  if (clientMaxReceivePduSize < MIN_CLIENT_PDU) throw new Refusal(DIAGNOSTICS.noReason, encodeApdu(PDU_TOO_SHORT));
  if (initiate.request.dedicatedKey && channel) channel.useDedicatedKey(initiate.request.dedicatedKey);

  const conformance = grant(initiate.request, options);
  const response = initiateResponse(conformance, options);
  const challenge =
    security.type === "hls5" ? context.random.bytes(security.challengeLength ?? DEFAULT_CHALLENGE_LENGTH) : undefined;
  const aare = aareOf({
    applicationContext: aarq.applicationContext,
    result: ACCEPTED,
    diagnostic: challenge ? DIAGNOSTICS.authenticationRequired : DIAGNOSTICS.none,
    respondingApTitle: channel?.ownSystemTitle,
    ...(challenge && { mechanism: "high-gmac", respondingAuthenticationValue: challenge }),
    userInformation: initiate.secured ? channel!.seal(response, "glo") : response,
  });
  const association: Association = {
    client: context.client,
    server: context.server,
    channel,
    exchange: new ServerExchange(context.limits, conformance),
    conformance,
    blocks: conformance.includes("general-block-transfer")
      ? new GeneralBlockTransfer({ side: "server", limits: context.limits, window: context.generalBlockWindow })
      : undefined,
    maxSendPduSize: Math.min(
      pduLimit(initiate.request.clientMaxReceivePduSize),
      options.maxSendPduSize ?? Number.POSITIVE_INFINITY,
    ),
    ...(challenge && { challenges: { client: aarq.callingAuthenticationValue!, server: challenge } }),
  };
  return { aare: encodeApdu(aare), association };
}

/** How the messages of an association are ciphered; undefined when they go plain. */
export function cipheringOf(security: ServerSecurity): ServerCiphering | undefined {
  return security.type === "none" ? undefined : security.ciphering;
}

function authenticate(aarq: AarqApdu, security: ServerSecurity): void {
  const { mechanism = "lowest", callingAuthenticationValue: value = new Uint8Array(0) } = aarq;
  const expected = { none: "lowest", lls: "low", hls5: "high-gmac" }[security.type];
  if (mechanism !== expected) throw new Refusal(DIAGNOSTICS.mechanismNotRecognised);
  if (security.type === "lls" && !isPassword(value, security.password)) {
    throw new Refusal(DIAGNOSTICS.authenticationFailure);
  }
  const { min, max } = CHALLENGE_LENGTHS;
  if (security.type === "hls5" && (value.length < min || value.length > max)) {
    throw new Refusal(DIAGNOSTICS.authenticationFailure);
  }
}

function isPassword(value: Uint8Array, password: Uint8Array): boolean {
  return value.length === password.length && timingSafeEqual(value, password);
}

function openChannel(aarq: AarqApdu, ciphering: ServerCiphering): SecureChannel {
  if (aarq.callingApTitle?.length !== SYSTEM_TITLE_LENGTH) throw new Refusal(DIAGNOSTICS.apTitleNotRecognised);
  return new SecureChannel({
    keys: ciphering.keys,
    ownSystemTitle: ciphering.systemTitle,
    peerSystemTitle: aarq.callingApTitle,
    invocationCounter: ciphering.invocationCounter,
    lowestPeerCounter: ciphering.lowestClientCounter,
  });
}

function openInitiate(
  userInformation: Uint8Array,
  channel: SecureChannel | undefined,
): { request: InitiateRequest; secured: boolean } {
  const outer = decodeApdu(userInformation);
  const secured = outer.type === "ciphered" && channel !== undefined;
  const apdu = secured ? decodeApdu(channel.open(outer).apdu) : outer;
  if (apdu.type === "initiate-request") return { request: apdu, secured };
  throw new DlmsError("remote/unexpected-apdu", `${apdu.type} where an initiate-request belongs`, { apdu: apdu.type });
}

function grant(request: InitiateRequest, { referencing = "logical-name", conformance }: ServerAssociation) {
  const supported = conformance ?? [
    ...DEFAULT_CONFORMANCE[referencing],
    "general-protection",
    "general-block-transfer",
  ];
  return request.conformance.filter((bit) => supported.includes(bit));
}

function initiateResponse(conformance: readonly ConformanceBit[], options: ServerAssociation): Uint8Array {
  const { referencing = "logical-name", maxReceivePduSize = 0xffff } = options;
  return encodeApdu({
    type: "initiate-response",
    dlmsVersion: DLMS_VERSION,
    conformance,
    serverMaxReceivePduSize: maxReceivePduSize,
    vaaName: VAA_NAMES[referencing],
  });
}

function aareOf(fields: Omit<AareApdu, "type" | "diagnosticSource">): AareApdu {
  return { type: "aare", diagnosticSource: "acse-service-user", ...fields };
}
