import type { ConformanceBit } from "./apdu.ts";
import type { Referencing } from "./association.ts";
import { DlmsError } from "./errors.ts";
import { checkWindow } from "./general-block-transfer.ts";
import type { InvocationCounter } from "./invocation-counter.ts";
import type { Link } from "./link.ts";
import type { NotificationApdu } from "./notification.ts";
import type { CipheringForm } from "./secure-channel.ts";
import { type CipherKeys, checkChallenge } from "./security.ts";
import type { ServiceResponse } from "./services.ts";

/** How the client's APDUs are ciphered. */
export interface ClientCiphering {
  readonly keys: CipherKeys;
  /** The client's, 8 octets. */
  readonly systemTitle: Uint8Array;
  /** One value for each ciphered APDU, and one for the HLS token. */
  readonly invocationCounter: Pick<InvocationCounter, "next">;
  /** Of requests, by default glo; the AARQ and the HLS exchange are always glo. */
  readonly form?: CipheringForm | undefined;
  /** 16 octets, for the forms ded and general-ded; only with HLS5, where it travels ciphered. */
  readonly dedicatedKey?: Uint8Array | undefined;
}

/** How a client proves who it is, and how its messages are protected. */
export type ClientSecurity =
  | { readonly type: "none" }
  /** Password; with ciphering, the AARQ's user information is plain and all after it is ciphered. */
  | { readonly type: "lls"; readonly password: Uint8Array; readonly ciphering?: ClientCiphering | undefined }
  /** High-level security with GMAC. The challenge is random, 8 to 64 octets; 16 suit every meter. */
  | { readonly type: "hls5"; readonly challenge: Uint8Array; readonly ciphering: ClientCiphering };

/** What an association is made of. */
export interface DlmsClientOptions {
  readonly link: Link;
  readonly security: ClientSecurity;
  /** By default logical-name. */
  readonly referencing?: Referencing | undefined;
  /** What to propose, if not the usual. */
  readonly conformance?: readonly ConformanceBit[] | undefined;
  /** Octets of the longest APDU to be sent to this client, 0 … 65535, by default 65535; 0 is no limit. */
  readonly maxReceivePduSize?: number | undefined;
  /** Octets of the longest answer put together from blocks, by default 2 MiB. */
  readonly maxAnswerLength?: number | undefined;
  /** Blocks of one answer, by default 10,000. */
  readonly maxBlocks?: number | undefined;
  /**
   * Blocks that the server may send in a row where General-Block-Transfer is in use, 1 … 63, by default 10. It is
   * proposed only when `conformance` has it, and then takes the place of the block transfer of each service.
   */
  readonly generalBlockWindow?: number | undefined;
  /** Notifications between two answers of the server, or while it has nothing to answer, by default 1,000. */
  readonly maxNotifications?: number | undefined;
  /** Sees each plain APDU, for a log, and what cannot be deciphered as it came. AARQ and key transfers hold secrets. */
  readonly onApdu?: ((direction: "sent" | "received", apdu: Uint8Array) => void) | undefined;
}

/** What the server agreed to. */
export interface Negotiated {
  readonly conformance: readonly ConformanceBit[];
  /** Octets of the longest APDU that the server takes, ciphered as it is. */
  readonly serverMaxReceivePduSize: number;
  readonly dlmsVersion: number;
  readonly serverSystemTitle?: Uint8Array | undefined;
}

/** What comes of what went in; see `DlmsClient.nextEvent`. */
export type ClientEvent =
  /** Octets for the transport. */
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** Requests may be made. */
  | { readonly type: "associated"; readonly negotiated: Negotiated }
  | { readonly type: "response"; readonly response: ServiceResponse }
  /** The value of a GET has come in blocks and was handed over: so many octets. */
  | { readonly type: "delivered"; readonly octets: number }
  /**
   * The server refused the request as a whole (`remote/exception-response` …), or its answer makes no sense
   * (`remote/malformed` …); the association goes on.
   */
  | { readonly type: "refused"; readonly error: DlmsError }
  /**
   * A data-notification or event-notification, which may come at any time. `secured` tells whether it was protected as
   * the association's other messages are, and not replayed.
   */
  | { readonly type: "notification"; readonly notification: NotificationApdu; readonly secured: boolean }
  /** A frame or a notification was useless and left out; the association goes on. */
  | { readonly type: "frame-dropped"; readonly error: DlmsError }
  /** All is done, the transport may be closed. */
  | { readonly type: "released" }
  /** The association is over; the transport is to be closed. */
  | { readonly type: "failed"; readonly error: DlmsError };

/** @throws DlmsError `security/key`, `local/invalid-value` when the options cannot go together. */
export function checkClientOptions({ security, referencing, generalBlockWindow }: DlmsClientOptions): void {
  if (generalBlockWindow !== undefined) checkWindow(generalBlockWindow);
  if (security.type === "hls5") {
    checkChallenge(security.challenge);
    if (referencing === "short-name") {
      throw new DlmsError("local/invalid-value", "HLS is for logical-name referencing only");
    }
  }
  const ciphering = security.type === "none" ? undefined : security.ciphering;
  const dedicated = ciphering?.form === "ded" || ciphering?.form === "general-ded";
  if (dedicated !== (ciphering?.dedicatedKey !== undefined)) {
    throw new DlmsError("local/invalid-value", "a dedicated key belongs to the forms ded and general-ded");
  }
  if (dedicated && security.type !== "hls5") {
    throw new DlmsError("local/invalid-value", "without HLS a dedicated key would travel in the clear");
  }
}
