import type { DlmsError } from "./errors.ts";

/** What a link reports, in order. */
export type LinkEvent =
  /** Octets for the transport. */
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** The link is up: APDUs may be sent. */
  | { readonly type: "opened" }
  /** One APDU arrived. `client` and `server` are the addresses of the two sides, whichever sent it. */
  | { readonly type: "apdu"; readonly bytes: Uint8Array; readonly client: number; readonly server: number }
  /** A frame was useless and left out; the link goes on. */
  | { readonly type: "frame-dropped"; readonly error: DlmsError }
  /** The link is down: it was closed here, or the peer ended it, or refused or spoilt it as the error says. */
  | { readonly type: "closed"; readonly error?: DlmsError | undefined };

/**
 * Carries APDUs over a stream of octets: the TCP wrapper or HDLC, the client's side or the server's.
 * `receive` throws DlmsError when the stream cannot be understood any more.
 */
export interface Link {
  open(): void;
  close(): void;
  send(apdu: Uint8Array): void;
  receive(bytes: Uint8Array): void;
  nextEvent(): LinkEvent | undefined;
}
