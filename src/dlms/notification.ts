import type { Apdu, GeneralBlockApdu } from "./apdu.ts";
import { decodeApdu, generalFormOf, isGeneralBlockTag } from "./apdu-codec.ts";
import { kindOf } from "./association.ts";
import { type BlockLimits, DEFAULT_MAX_BLOCKS } from "./blocks.ts";
import { DlmsError } from "./errors.ts";
import { DEFAULT_GENERAL_BLOCK_WINDOW, GeneralBlockTransfer } from "./general-block-transfer.ts";
import { type CipherKeys, SECURITY_CONTROL, type SecurityControl } from "./security.ts";

const DEFAULT_MAX_LENGTH = 64 * 1024;

/** APDUs that a server sends without being asked. */
export type NotificationApdu = Extract<Apdu, { type: "data-notification" | "event-notification-request" }>;

/** A push, with who secured it. */
export interface OpenedNotification {
  readonly notification: NotificationApdu;
  /**
   * System title, counter and protection of a push that came ciphered; the receiver checks that the counter is new.
   * What was not authenticated may be anybody's.
   */
  readonly origin?:
    | { readonly systemTitle: Uint8Array; readonly counter: number; readonly control: SecurityControl }
    | undefined;
}

/**
 * The keys of the meter with this system title (8 octets), undefined when there are none. A push in general-ded takes
 * keys with the dedicated key that meter and receiver agreed on.
 */
export type NotificationKeys = (systemTitle: Uint8Array, form: "general-glo" | "general-ded") => CipherKeys | undefined;

/**
 * Reads a push that came outside of an association: plain, in general-glo or general-ded, and each of them in one
 * general block.
 * @param required the protection that a push must have at least. Without it a plain push is read as it is, and a
 * ciphered one must be authenticated and encrypted.
 * @throws DlmsError `security/authentication` when there are no keys for it, `security/unciphered` when it has less
 * protection than required, `security/tag`; `remote/blocks-lost` for a part of a push, which {@link NotificationReceiver}
 * puts together; `remote/*` when it is no notification.
 */
export function openNotification(
  bytes: Uint8Array,
  keysOf: NotificationKeys,
  required?: SecurityControl,
): OpenedNotification {
  const outer = decodeApdu(bytes);
  const whole = outer.type === "general-block" ? decodeApdu(onlyBlock(outer)) : outer;
  if (whole.type !== "ciphered") {
    const notification = requireNotification(whole);
    if (required === undefined) return { notification };
    throw new DlmsError("security/unciphered", "a push came plain where protection is required");
  }
  const { systemTitle, payload } = whole;
  const form = generalFormOf(whole.tag);
  if (!form || !systemTitle || systemTitle.length === 0) {
    throw new DlmsError("security/authentication", "a ciphered push does not tell its sender's system title");
  }
  const keys = keysOf(systemTitle, form);
  if (!keys) throw new DlmsError("security/authentication", "there are no keys for the system title of a push");
  const { plaintext, counter, control } = keys.unprotect(
    payload,
    systemTitle,
    required ?? SECURITY_CONTROL.authenticatedAndEncrypted,
  );
  return { notification: requireNotification(decodeApdu(plaintext)), origin: { systemTitle, counter, control } };
}

function onlyBlock({ number, last, raw }: GeneralBlockApdu): Uint8Array {
  if (number === 1 && last) return raw;
  throw new DlmsError("remote/blocks-lost", `block ${number} of a push came alone`, { number, last });
}

function requireNotification(apdu: Apdu): NotificationApdu {
  if (kindOf(apdu) === "notification") return apdu as NotificationApdu;
  throw new DlmsError("remote/unexpected-apdu", `${apdu.type} came as a push`, { apdu: apdu.type });
}

/** How pushes on one connection are read. */
export interface NotificationReceiverOptions {
  readonly keysOf: NotificationKeys;
  /** As with {@link openNotification}. */
  readonly required?: SecurityControl | undefined;
  /** Octets of one push, by default 64 KiB. */
  readonly maxLength?: number | undefined;
  /** Blocks of one push, by default 10,000. */
  readonly maxBlocks?: number | undefined;
}

/** What comes of an APDU on a connection for pushes. */
export interface NotificationStep {
  /** The push, when it is whole. */
  readonly opened?: OpenedNotification | undefined;
  /** APDUs for the meter: acknowledgements, where it asks for them. */
  readonly send: readonly Uint8Array[];
}

/** Reads the pushes of one meter on one connection, whole or in general blocks. */
export class NotificationReceiver {
  readonly #options: NotificationReceiverOptions;
  readonly #blocks: GeneralBlockTransfer;

  constructor(options: NotificationReceiverOptions) {
    const { maxLength = DEFAULT_MAX_LENGTH, maxBlocks = DEFAULT_MAX_BLOCKS } = options;
    const limits: BlockLimits = { maxLength, maxBlocks };
    this.#options = options;
    this.#blocks = new GeneralBlockTransfer({ side: "client", limits, window: DEFAULT_GENERAL_BLOCK_WINDOW });
  }

  /**
   * Takes an APDU in.
   * @throws DlmsError as {@link openNotification}; `remote/blocks-lost` with the numbers of the blocks that are missing,
   * `remote/too-large`, `remote/too-many`. The next push can be read all the same.
   */
  receive(bytes: Uint8Array): NotificationStep {
    if (!isGeneralBlockTag(bytes[0])) return { opened: this.#open(bytes), send: [] };
    const { send, apdu } = this.#blocks.receive(decodeApdu(bytes) as GeneralBlockApdu);
    return apdu ? { opened: this.#open(apdu), send } : { send };
  }

  #open(bytes: Uint8Array): OpenedNotification {
    return openNotification(bytes, this.#options.keysOf, this.#options.required);
  }
}
