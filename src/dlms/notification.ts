import type { Apdu } from "./apdu.ts";
import { decodeApdu } from "./apdu-codec.ts";
import { kindOf } from "./association.ts";
import { DlmsError } from "./errors.ts";
import type { CipherKeys } from "./security.ts";

/** APDUs that a server sends without being asked. */
export type NotificationApdu = Extract<Apdu, { type: "data-notification" | "event-notification-request" }>;

/** A push, with who secured it. */
export interface OpenedNotification {
  readonly notification: NotificationApdu;
  /** System title and counter of a push that came ciphered; the receiver checks that the counter is new. */
  readonly origin?: { readonly systemTitle: Uint8Array; readonly counter: number } | undefined;
}

/**
 * Reads a push that came outside of an association: plain, or in general-glo.
 * @param keysOf the keys of the meter with this system title (8 octets), undefined when there is none
 * @throws DlmsError `security/authentication` when there are no keys for it, `security/*` when it cannot be
 * deciphered, `remote/*` when it is no notification.
 */
export function openNotification(
  bytes: Uint8Array,
  keysOf: (systemTitle: Uint8Array) => CipherKeys | undefined,
): OpenedNotification {
  const outer = decodeApdu(bytes);
  if (outer.type !== "ciphered") return { notification: requireNotification(outer) };
  const { systemTitle, payload } = outer;
  if (!systemTitle || systemTitle.length === 0) {
    throw new DlmsError("security/authentication", "a ciphered push does not tell its sender's system title");
  }
  const keys = keysOf(systemTitle);
  if (!keys) throw new DlmsError("security/authentication", "there are no keys for the system title of a push");
  const { plaintext, counter } = keys.unprotect(payload, systemTitle);
  return { notification: requireNotification(decodeApdu(plaintext)), origin: { systemTitle, counter } };
}

function requireNotification(apdu: Apdu): NotificationApdu {
  if (kindOf(apdu) === "notification") return apdu as NotificationApdu;
  throw new DlmsError("remote/unexpected-apdu", `${apdu.type} came as a push`, { apdu: apdu.type });
}
