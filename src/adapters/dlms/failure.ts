import { DlmsError } from "../../dlms/errors.ts";
import { type ErrorCode, MetergateError } from "../../domain/errors.ts";

/** Result of an AARE, and diagnostics of its acse-service-user (IEC 62056-5-3, ACSE). */
const HIGHEST_RESULT = 2;
const AUTHENTICATION_DIAGNOSTICS: ReadonlySet<unknown> = new Set([11, 12, 13]);
const AUTHENTICATION_REQUIRED_DIAGNOSTIC = 14;

/** When the failure showed. */
export type Stage = "associating" | "associated";

function codeOfRejection({ result, diagnosticSource, diagnostic }: Readonly<Record<string, unknown>>): ErrorCode {
  if (typeof result === "number" && result > HIGHEST_RESULT) return "UNKNOWN_ASSOCIATION_RESULT";
  if (diagnosticSource === "acse-service-user") {
    if (AUTHENTICATION_DIAGNOSTICS.has(diagnostic)) return "AUTHENTICATION_ERROR";
    if (diagnostic === AUTHENTICATION_REQUIRED_DIAGNOSTIC) return "AUTHENTICATION_REQUIRED";
  }
  return "CONNECTION_ESTABLISH_ERROR";
}

function codeOf(error: DlmsError, stage: Stage): ErrorCode {
  switch (error.code) {
    case "remote/association-rejected":
      return codeOfRejection(error.context);
    case "remote/exception-response":
    case "remote/service-error":
      return stage === "associating" ? "CONNECTION_ESTABLISH_ERROR" : "DEVICE_REFUSED";
    case "remote/closed":
      return "SOCKET_CLOSED_BY_REMOTE";
    case "remote/malformed":
      // Only the wrapper's header has a version.
      return "version" in error.context ? "WRAPPER_HEADER_INVALID" : "ILLEGAL_RESPONSE";
    case "security/tag":
    case "security/counter":
    case "security/unciphered":
      return "UNABLE_TO_DECYPHER";
    case "security/authentication":
    case "remote/token-refused":
      return "AUTHENTICATION_ERROR";
    case "local/not-negotiated":
      return "UNSUPPORTED_COMMUNICATION_SETTING";
    case "local/invalid-value":
      return "VALIDATION_ERROR";
    // The last values of all were handed out, and one more was needed.
    case "local/counter-exhausted":
      return "INVOCATION_COUNTER_EXHAUSTED";
    case "local/illegal-state":
    case "local/defect":
      return "INTERNAL";
    default:
      return "ILLEGAL_RESPONSE";
  }
}

/**
 * What the DLMS library throws, with the code that callers of the contract know. The library's numbers (result,
 * diagnostic, service-error) come along in the context.
 */
export function fromDlmsError(error: DlmsError, stage: Stage): MetergateError {
  return new MetergateError(codeOf(error, stage), error.message, {
    cause: error,
    context: { dlmsCode: error.code, ...error.context },
  });
}

/** Errors of the library and of ours as ours; anything else is a defect and comes through as it is. */
export function toMetergateError(thrown: unknown, stage: Stage): unknown {
  return thrown instanceof DlmsError ? fromDlmsError(thrown, stage) : thrown;
}
