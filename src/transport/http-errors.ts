import { type ErrorCode, MetergateError } from "../domain/errors.ts";
import { wasUnsent } from "./http-targets.ts";
import { SYSTEM_ERRORS } from "./system-errors.ts";

/** The system's and the HTTP library's words for failures. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ...SYSTEM_ERRORS,
  UND_ERR_SOCKET: "SOCKET_CLOSED_BY_REMOTE",
  UND_ERR_HEADERS_OVERFLOW: "ILLEGAL_RESPONSE",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "ILLEGAL_RESPONSE",
  UND_ERR_INVALID_ARG: "INTERNAL",
};
/** Beginnings of codes: the parser of answers, and what TLS and certificates can fail for. */
const BEGINNINGS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^(HPE_|HTTPParserError$)/, "ILLEGAL_RESPONSE"],
  [/^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/, "AUTHENTICATION_ERROR"],
];

const NOT_SENT = "notSent";

/** Whether nothing of a request went out before it failed: nobody can have done what it asks for. */
export function isKnownUnsent(error: unknown): boolean {
  return error instanceof MetergateError && error.context[NOT_SENT] === true;
}

/**
 * An error of the system or of the HTTP library as one of ours. Nothing of it but its code is kept: the library hangs
 * what was said at its errors.
 */
export function toHttpError(thrown: unknown, { host }: URL): MetergateError {
  if (thrown instanceof MetergateError) return thrown;
  const { code, name } = thrown as { code?: unknown; name?: unknown };
  const word = typeof code === "string" ? code : String(name ?? "Error");
  const meaning = CODES[word] ?? BEGINNINGS.find(([beginning]) => beginning.test(word))?.[1] ?? "CONNECTION_ERROR";
  return new MetergateError(meaning, `${word} on the connection to ${host}`, {
    context: { host, ...(wasUnsent(thrown) && { [NOT_SENT]: true }) },
  });
}
