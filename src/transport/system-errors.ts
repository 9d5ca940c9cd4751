import type { ErrorCode } from "../domain/errors.ts";

/** The operating system's words for connections that fail, whatever is spoken over them. */
export const SYSTEM_ERRORS: Readonly<Record<string, ErrorCode>> = {
  ECONNREFUSED: "CONNECTION_REFUSED",
  ECONNRESET: "CONNECTION_RESET",
  EPIPE: "CONNECTION_RESET",
  ECONNABORTED: "CONNECTION_RESET",
  ETIMEDOUT: "CONNECTION_TIMED_OUT",
  ENOTFOUND: "INVALID_IP_ADDRESS",
};
