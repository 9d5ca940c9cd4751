import type { AareApdu } from "./apdu.ts";
import { decodeApdu, encodeApdu } from "./apdu-codec.ts";
import { applicationContext, DEFAULT_CONFORMANCE, DLMS_VERSION } from "./association.ts";
import type { DlmsClientOptions } from "./client-options.ts";
import { DlmsError } from "./errors.ts";
import type { SecureChannel } from "./secure-channel.ts";

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

/** Result and diagnostic of the AARE, with what a confirmed-service-error in it adds. */
export function rejectionError(aare: AareApdu): DlmsError {
  const { result, diagnosticSource, diagnostic } = aare;
  const context: Record<string, unknown> = { result, diagnosticSource, diagnostic };
  if (aare.userInformation?.[0] === 0x0e) {
    try {
      const { type, ...numbers } = decodeApdu(aare.userInformation);
      context[type] = numbers;
    } catch (error) {
      if (!(error instanceof DlmsError)) throw error;
    }
  }
  const message = `the server refused the association: result ${result}, ${diagnosticSource} diagnostic ${diagnostic}`;
  return new DlmsError("remote/association-rejected", message, context);
}
