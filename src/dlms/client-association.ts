import type { AareApdu, ActionResult, ApplicationContext } from "./apdu.ts";
import { decodeApdu, encodeApdu } from "./apdu-codec.ts";
import { applicationContext, DEFAULT_CONFORMANCE, DLMS_VERSION } from "./association.ts";
import type { DlmsClientOptions } from "./client-options.ts";
import { DlmsError } from "./errors.ts";
import type { SecureChannel } from "./secure-channel.ts";
import { nameServiceError } from "./service-error.ts";

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
export function checkApplicationContext({ applicationContext: accepted }: AareApdu, offered: ApplicationContext): void {
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
export function rejectionError(aare: AareApdu, open: (userInformation: Uint8Array) => Uint8Array): DlmsError {
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

/** The error for a server that does not accept pass 3. */
export function tokenRefused(result: ActionResult): DlmsError {
  const message = `the server refused this side's HLS token with ${result}: it holds other keys, or counts otherwise`;
  return new DlmsError("remote/token-refused", message, { result });
}
