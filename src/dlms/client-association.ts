import { equalBytes } from "../lib/bytes.ts";
import type { AareApdu, ActionResult, ApplicationContext } from "./apdu.ts";
import { decodeApdu, encodeApdu, isCipheredTag } from "./apdu-codec.ts";
import {
  applicationContext,
  DEFAULT_CONFORMANCE,
  DLMS_VERSION,
  HLS_METHOD,
  pduLimit,
  refusalError,
} from "./association.ts";
import type { ExchangeStep } from "./client-exchange.ts";
import type { Incoming } from "./client-incoming.ts";
import type { ClientCiphering, ClientSecurity, DlmsClientOptions, Negotiated } from "./client-options.ts";
import { cosem } from "./data.ts";
import { DlmsError } from "./errors.ts";
import { SecureChannel } from "./secure-channel.ts";
import { nameServiceError } from "./service-error.ts";
import type { ServiceRequest } from "./services.ts";

/** The AARQ for these options. With HLS5 its user information is ciphered. */
export function encodeAssociationRequest(options: DlmsClientOptions, channel: SecureChannel | undefined): Uint8Array {
  const { security, conformance, maxReceivePduSize = 0xffff, referencing = "logical-name" } = options;
  const ciphering = security.type === "none" ? undefined : security.ciphering;
  const general = ciphering?.form === "general-glo" || ciphering?.form === "general-ded";
  const initiate = encodeApdu({
    type: "initiate-request",
    dedicatedKey: ciphering?.dedicatedKey,
    responseAllowed: true,
    dlmsVersion: DLMS_VERSION,
    conformance: [
      ...(conformance ?? DEFAULT_CONFORMANCE[referencing]),
      ...(general ? (["general-protection"] as const) : []),
    ],
    clientMaxReceivePduSize: maxReceivePduSize,
  });
  return encodeApdu({
    type: "aarq",
    applicationContext: applicationContext(referencing, channel !== undefined),
    callingApTitle: channel?.ownSystemTitle,
    ...(security.type === "lls" && { mechanism: "low", callingAuthenticationValue: security.password }),
    ...(security.type === "hls5" && { mechanism: "high-gmac", callingAuthenticationValue: security.challenge }),
    userInformation: channel && security.type === "hls5" ? channel.seal(initiate, "glo") : initiate,
  });
}

/**
 * @throws DlmsError `remote/application-context` when the AARE names another context than the AARQ: it may lack all
 * that follows from the one that was offered, such as the system title.
 */
function checkApplicationContext({ applicationContext: accepted }: AareApdu, offered: ApplicationContext): void {
  if (accepted === offered) return;
  throw new DlmsError("remote/application-context", `the server accepted ${accepted} where ${offered} was offered`, {
    offered,
    accepted,
  });
}

/**
 * Result and diagnostic of the AARE, with what an initiate-error in it adds.
 * @param open deciphers the user information if it is ciphered
 */
function rejectionError(aare: AareApdu, open: (userInformation: Uint8Array) => Uint8Array): DlmsError {
  const { result, diagnosticSource, diagnostic } = aare;
  const context: Record<string, unknown> = { result, diagnosticSource, diagnostic };
  let message = `the server refused the association: result ${result}, ${diagnosticSource} diagnostic ${diagnostic}`;
  const inner = aare.userInformation && initiateErrorIn(aare.userInformation, open);
  if (inner) {
    const { type, ...numbers } = inner;
    context[type] = numbers;
    message += `, ${nameServiceError(inner)}`;
  }
  return new DlmsError("remote/association-rejected", message, context);
}

/** Undefined when the octets are something else, or cannot be read: the refusal itself is worth more. */
function initiateErrorIn(userInformation: Uint8Array, open: (userInformation: Uint8Array) => Uint8Array) {
  try {
    const apdu = decodeApdu(open(userInformation));
    return apdu.type === "confirmed-service-error" ? apdu : undefined;
  } catch (error) {
    if (!(error instanceof DlmsError)) throw error;
    return undefined;
  }
}

/**
 * What the server agreed to.
 * @throws DlmsError `remote/association-rejected` and what else is wrong with the AARE; `security/authentication`,
 * `security/unciphered` when it is not as protected as it has to be
 */
export function negotiate(
  aare: AareApdu,
  { referencing = "logical-name", security }: DlmsClientOptions,
  channel: SecureChannel | undefined,
  incoming: Incoming,
): Negotiated {
  const meetPeer = () => channel && aare.respondingApTitle && channel.meetPeer(aare.respondingApTitle);
  if (aare.result !== 0) {
    throw rejectionError(aare, (userInformation) => {
      if (!isCipheredTag(userInformation[0] ?? 0)) return userInformation;
      meetPeer();
      return incoming.decipher(userInformation).apdu;
    });
  }
  checkApplicationContext(aare, applicationContext(referencing, channel !== undefined));
  meetPeer();
  if (channel && !aare.respondingApTitle) {
    throw new DlmsError("security/authentication", "the AARE does not tell the server's system title");
  }
  if (!aare.userInformation) throw new DlmsError("remote/malformed", "the AARE has no user-information");
  const { plain, secured } = incoming.open(aare.userInformation);
  const apdu = decodeApdu(plain);
  if (apdu.type !== "initiate-response") throw refusalError(apdu);
  if (security.type === "hls5" && !secured) {
    throw new DlmsError("security/unciphered", "the AARE's initiate-response came plain");
  }
  return {
    conformance: apdu.conformance,
    serverMaxReceivePduSize: pduLimit(apdu.serverMaxReceivePduSize),
    dlmsVersion: apdu.dlmsVersion,
    serverSystemTitle: channel?.peerSystemTitle,
  };
}

/**
 * Pass 3 of HLS: the proof that this side holds the keys.
 * @throws DlmsError `security/authentication` when the server has no challenge of its own
 */
export function tokenRequest(aare: AareApdu, ownChallenge: Uint8Array, channel: SecureChannel): ServiceRequest {
  const challenge = aare.respondingAuthenticationValue;
  if (!challenge || equalBytes(challenge, ownChallenge)) {
    throw new DlmsError("security/authentication", "the AARE has no challenge of its own");
  }
  const token = channel.keys.hlsToken(channel.ownSystemTitle, channel.nextCounter(), challenge);
  return { type: "action", methods: [HLS_METHOD], parameters: [cosem.octetString(token)] };
}

/**
 * Pass 4 of HLS: the server's proof.
 * @throws DlmsError `remote/token-refused`, `security/authentication`
 */
export function requireProof(step: ExchangeStep, security: ClientSecurity, channel: SecureChannel): void {
  const result = "response" in step && step.response.type === "action" ? step.response.results[0] : undefined;
  if (result && result.result !== "success") throw tokenRefused(result.result);
  const returned = result?.result === "success" ? result.returned : undefined;
  const token = returned && "data" in returned && returned.data.type === "octet-string" ? returned.data.value : null;
  const { keys, peerSystemTitle } = channel;
  if (!token || security.type !== "hls5" || !keys.verifiesHlsToken(token, peerSystemTitle!, security.challenge)) {
    throw new DlmsError("security/authentication", "the server did not prove that it holds the keys");
  }
}

/** The error for a server that does not accept pass 3. */
export function tokenRefused(result: ActionResult): DlmsError {
  const message = `the server refused this side's HLS token with ${result}: it holds other keys, or counts otherwise`;
  return new DlmsError("remote/token-refused", message, { result });
}

export function openChannel(ciphering: ClientCiphering): SecureChannel {
  return new SecureChannel({
    keys: ciphering.keys,
    dedicatedKey: ciphering.dedicatedKey,
    ownSystemTitle: ciphering.systemTitle,
    invocationCounter: ciphering.invocationCounter,
  });
}
