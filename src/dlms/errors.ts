/** What a failure of this library means to its caller; `code` is stable, one sentence each. */
export const DLMS_ERROR_CODES = {
  "remote/truncated": "The bytes end before the value does.",
  "remote/malformed": "The bytes do not follow A-XDR, BER or the APDU's definition.",
  "remote/unexpected-type": "The value is well-formed but of another type than the attribute or parameter has.",
  "remote/unexpected-apdu": "The peer sent an APDU that has no place in this state.",
  "remote/too-large": "A length or a reassembled message exceeds the limit that was set.",
  "remote/too-many": "More blocks, or more notifications in one exchange, came than the limit that was set.",
  "remote/blocks-lost": "Blocks of a transfer did not arrive; their numbers are in the context.",
  "remote/frame-check": "A frame's check sequence does not match its octets.",
  "remote/association-rejected": "The server refused the association; the result and diagnostic are in the context.",
  "remote/application-context": "The server accepted another application context than the one that was offered.",
  "remote/token-refused": "The server refused this side's HLS token, pass 3 of the authentication.",
  "remote/exception-response":
    "The server answered with an exception-response; state-error and service-error are in the context.",
  "remote/service-error": "The server answered with a confirmed-service-error.",
  "remote/not-negotiated": "The client uses what was not agreed on; the missing conformance bit is in the context.",
  "remote/closed": "The peer ended the connection while something was still due from it.",
  "local/illegal-state": "This call is not allowed in the present state.",
  "local/not-negotiated":
    "The request needs what the server did not agree to; the missing conformance bit is in the context.",
  "local/invalid-value": "A value does not fit the type that it is to be encoded as.",
  "local/defect": "A defect of this library, or of what it was given to call; the cause comes along.",
  "local/counter-exhausted": "No invocation counter value is left in the reserved range, or the key is spent.",
  "security/tag": "The authentication tag does not verify: wrong key, wrong system title or changed octets.",
  "security/counter": "The peer's invocation counter is not above the last one that was accepted.",
  "security/unciphered": "A plain APDU arrived where a ciphered one is required.",
  "security/authentication": "The peer could not prove that it holds the key.",
  "security/key": "A key, system title or challenge has an impossible length.",
} as const;

/** The codes of {@link DLMS_ERROR_CODES}. */
export type DlmsErrorCode = keyof typeof DLMS_ERROR_CODES;

/**
 * The only error that this library throws and tells of.
 * `remote/*`: the peer's bytes break the standard or refuse us; `local/*`: this side's call was wrong;
 * `security/*`: what arrived cannot be trusted. `context` never holds key material.
 */
export class DlmsError extends Error {
  readonly code: DlmsErrorCode;
  readonly context: Readonly<Record<string, unknown>>;

  constructor(code: DlmsErrorCode, message: string, context: Record<string, unknown> = {}, cause?: unknown) {
    super(message, { cause });
    this.name = "DlmsError";
    this.code = code;
    this.context = context;
  }
}

/** What was thrown if it is an error of this library, else that it is a defect. */
export function asDlmsError(thrown: unknown): DlmsError {
  return thrown instanceof DlmsError ? thrown : new DlmsError("local/defect", "an unforeseen error", {}, thrown);
}

/** The error for a value that does not fit the field it is to be encoded in. */
export function invalidValue(message: string, cause?: unknown): DlmsError {
  return new DlmsError("local/invalid-value", message, {}, cause);
}
