import { equalBytes } from "../lib/bytes.ts";
import type { CipheredApdu } from "./apdu.ts";
import { encodeApdu, isNotificationTag } from "./apdu-codec.ts";
import { DlmsError } from "./errors.ts";
import { type InvocationCounter, ReplayWindow } from "./invocation-counter.ts";
import {
  type CipherKeys,
  checkSystemTitle,
  PROTECTION_OVERHEAD,
  requireProtection,
  SECURITY_CONTROL,
  type SecurityControl,
  SYSTEM_TITLE_LENGTH,
} from "./security.ts";

/**
 * How a ciphered APDU is dressed: with a tag for each service (glo-, ded-), or with one tag and the sender's system
 * title (general-). Global or dedicated tells which key.
 */
export type CipheringForm = "glo" | "general-glo" | "ded" | "general-ded";

const GENERAL_TAGS = { "general-glo": 0xdb, "general-ded": 0xdc } as const;
/** What is added to the plain tag, for services that have a ciphered tag of their own. */
const SERVICE_TAG_OFFSETS = { glo: { low: 0x20, high: 0x08 }, ded: { low: 0x40, high: 0x10 } } as const;
const LOW_TAGS_WITH_CIPHERING: ReadonlySet<number> = new Set([0x01, 0x05, 0x06, 0x08, 0x0c, 0x0d, 0x0e]);
const FIRST_HIGH_TAG = 0xc0;
const LAST_HIGH_TAG = 0xc7;

/** What one association is ciphered with. */
export interface SecureChannelOptions {
  readonly keys: CipherKeys;
  /** 16 octets; needed for ded and general-ded. */
  readonly dedicatedKey?: Uint8Array | undefined;
  /** 8 octets */
  readonly ownSystemTitle: Uint8Array;
  /** 8 octets; may be told later with `meetPeer`. */
  readonly peerSystemTitle?: Uint8Array | undefined;
  /** Where the counters of what is sent come from, for all keys of the association. */
  readonly invocationCounter: Pick<InvocationCounter, "next">;
  /** Lowest counter that the peer may begin with, by default 0. */
  readonly lowestPeerCounter?: number | undefined;
  /** The protection that received APDUs must have at least, by default authentication and encryption. */
  readonly required?: SecurityControl | undefined;
}

/** What a ciphered APDU held. */
export interface OpenedApdu {
  /** The plain APDU. */
  readonly apdu: Uint8Array;
  readonly form: CipheringForm;
  /** The sender's invocation counter. */
  readonly counter: number;
  /** False for a notification with less protection than is required, or with a counter that was there before. */
  readonly trusted: boolean;
}

/** Ciphers and deciphers the APDUs of one association, on either side. */
export class SecureChannel {
  readonly ownSystemTitle: Uint8Array;
  readonly #options: SecureChannelOptions;
  #global: CipherKeys;
  #dedicated: CipherKeys | undefined;
  #peerSystemTitle: Uint8Array | undefined;
  #globalWindow: ReplayWindow;
  readonly #dedicatedWindow = new ReplayWindow();
  /** Of notifications, which may overtake an answer that was ciphered before them. */
  #pushWindow = new ReplayWindow();

  constructor(options: SecureChannelOptions) {
    checkSystemTitle(options.ownSystemTitle);
    this.#options = options;
    this.ownSystemTitle = options.ownSystemTitle;
    this.#global = options.keys;
    if (options.dedicatedKey) this.useDedicatedKey(options.dedicatedKey);
    this.#globalWindow = new ReplayWindow(options.lowestPeerCounter);
    if (options.peerSystemTitle) this.meetPeer(options.peerSystemTitle);
  }

  /** The keys for HLS tokens. */
  get keys(): CipherKeys {
    return this.#global;
  }

  get peerSystemTitle(): Uint8Array | undefined {
    return this.#peerSystemTitle;
  }

  /** Lowest counter with the global key that the peer may use next. */
  get lowestPeerCounter(): number {
    return this.#globalWindow.lowest;
  }

  /**
   * @throws DlmsError `security/key` when it does not have 8 octets, `security/authentication` when it is this side's
   * own, which would let this side's messages come back as the peer's.
   */
  meetPeer(systemTitle: Uint8Array): void {
    checkSystemTitle(systemTitle);
    if (equalBytes(systemTitle, this.ownSystemTitle)) {
      throw new DlmsError("security/authentication", "the peer uses the system title of this side");
    }
    this.#peerSystemTitle = systemTitle;
  }

  /** The key of 16 octets that the client made for this association. */
  useDedicatedKey(key: Uint8Array): void {
    this.#dedicated = this.#global.withEncryptionKey(key);
  }

  /** Goes on with other global keys. The peer's counter may start again. */
  changeKeys(keys: CipherKeys): void {
    this.#global = keys;
    this.#globalWindow = new ReplayWindow();
    this.#pushWindow = new ReplayWindow();
  }

  nextCounter(): number {
    return this.#options.invocationCounter.next();
  }

  /**
   * Ciphers a plain APDU. One that has no service-specific tag, such as a data-notification, takes the general form.
   * @throws DlmsError `local/counter-exhausted`, `local/illegal-state` when there is no dedicated key.
   */
  seal(apdu: Uint8Array, form: CipheringForm): Uint8Array {
    const dedicated = form === "ded" || form === "general-ded";
    const keys = this.#keysFor(dedicated, "local/illegal-state");
    const tag = form === "glo" || form === "ded" ? serviceTag(apdu[0], form) : undefined;
    const payload = keys.protect(apdu, this.ownSystemTitle, this.nextCounter());
    if (tag !== undefined) return encodeApdu({ type: "ciphered", tag, payload });
    const general = GENERAL_TAGS[dedicated ? "general-ded" : "general-glo"];
    return encodeApdu({ type: "ciphered", tag: general, systemTitle: this.ownSystemTitle, payload });
  }

  /**
   * Deciphers an APDU: first the tag is verified, then the counter is held against the last one, and only then does the
   * window move. Notifications have a window of their own, since they may overtake an answer in blocks that was ciphered
   * before them. Some servers protect them less than answers: such a one is not an error but not trusted, like one that
   * was there before.
   * @throws DlmsError `security/tag`, `security/counter`, `security/unciphered`, `security/authentication` when the
   * sender is not the peer.
   */
  open(ciphered: CipheredApdu): OpenedApdu {
    const form = formOf(ciphered.tag);
    const dedicated = form === "ded" || form === "general-ded";
    const keys = this.#keysFor(dedicated, "remote/unexpected-apdu");
    const { plaintext, counter, control } = keys.unprotect(ciphered.payload, this.#senderOf(ciphered), 0);
    const { required = SECURITY_CONTROL.authenticatedAndEncrypted } = this.#options;
    if (isNotificationTag(plaintext[0])) {
      const trusted = (control & required) === required && counter >= this.#pushWindow.lowest;
      if (trusted) this.#pushWindow.accept(counter);
      return { apdu: plaintext, form, counter, trusted };
    }
    requireProtection(control, required);
    (dedicated ? this.#dedicatedWindow : this.#globalWindow).accept(counter);
    return { apdu: plaintext, form, counter, trusted: true };
  }

  #keysFor(dedicated: boolean, code: "local/illegal-state" | "remote/unexpected-apdu"): CipherKeys {
    if (!dedicated) return this.#global;
    if (!this.#dedicated) throw new DlmsError(code, "this association has no dedicated key");
    return this.#dedicated;
  }

  #senderOf(ciphered: CipheredApdu): Uint8Array {
    const told = ciphered.systemTitle?.length ? ciphered.systemTitle : undefined;
    const known = this.#peerSystemTitle;
    if (told && known && !equalBytes(told, known)) {
      throw new DlmsError("security/authentication", "the system title is not that of the association's peer");
    }
    const sender = known ?? told;
    if (!sender) throw new DlmsError("security/authentication", "the peer's system title is not known");
    return sender;
  }
}

/** Longest plain APDU whose ciphered form has at most `limit` octets; 0 or less when there is none. */
export function maxPlainLength(limit: number, form: CipheringForm): number {
  const lengthOctets = limit < 0x80 ? 1 : limit <= 0xff ? 2 : limit <= 0xffff ? 3 : 5;
  const general = form === "general-glo" || form === "general-ded" ? 1 + SYSTEM_TITLE_LENGTH : 0;
  return limit - 1 - general - lengthOctets - PROTECTION_OVERHEAD;
}

/** Tag of the ciphered APDU for a plain one, or undefined when the service has none. */
function serviceTag(plainTag: number | undefined, form: "glo" | "ded"): number | undefined {
  if (plainTag === undefined) return undefined;
  if (LOW_TAGS_WITH_CIPHERING.has(plainTag)) return plainTag + SERVICE_TAG_OFFSETS[form].low;
  if (plainTag >= FIRST_HIGH_TAG && plainTag <= LAST_HIGH_TAG) return plainTag + SERVICE_TAG_OFFSETS[form].high;
  return undefined;
}

function formOf(tag: number): CipheringForm {
  if (tag === GENERAL_TAGS["general-glo"]) return "general-glo";
  if (tag === GENERAL_TAGS["general-ded"]) return "general-ded";
  const { low, high } = SERVICE_TAG_OFFSETS.ded;
  const dedicated = tag >= FIRST_HIGH_TAG ? tag >= FIRST_HIGH_TAG + high : tag > low;
  return dedicated ? "ded" : "glo";
}
