import { decodeApdu } from "./apdu-codec.ts";
import type { ClientEvent } from "./client-options.ts";
import { asDlmsError, DlmsError } from "./errors.ts";
import type { NotificationApdu } from "./notification.ts";

/** Notifications that come in the middle of a conversation: whatever is wrong with one does not end it. */
export class NotificationIntake {
  readonly #limit: number;
  readonly #tell: (event: ClientEvent) => void;
  /** Since something else came or went. */
  #count = 0;

  /** @param limit how many may come without anything else */
  constructor(limit: number, tell: (event: ClientEvent) => void) {
    this.#limit = limit;
    this.#tell = tell;
  }

  /** Something else came or went. */
  reset(): void {
    this.#count = 0;
  }

  /** @throws DlmsError `remote/too-many` */
  take(bytes: Uint8Array, secured: boolean): void {
    let notification: NotificationApdu;
    try {
      notification = decodeApdu(bytes) as NotificationApdu;
    } catch (error) {
      this.useless(asDlmsError(error));
      return;
    }
    this.#countOne();
    this.#tell({ type: "notification", notification, secured });
  }

  /** @throws DlmsError `remote/too-many` */
  useless(error: DlmsError): void {
    this.#countOne();
    this.#tell({ type: "frame-dropped", error });
  }

  /** A server that has nothing else to say would keep its client busy for ever. */
  #countOne(): void {
    const limit = this.#limit;
    if (++this.#count <= limit) return;
    throw new DlmsError("remote/too-many", `more than ${limit} notifications and nothing else`, { limit });
  }
}
