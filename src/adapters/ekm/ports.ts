import type { SecretType } from "../../domain/device.ts";
import type { Caller } from "../../domain/request.ts";
import type { Hex } from "../../lib/bytes.ts";
import type { HttpClient } from "../../transport/http-client.ts";

/** Speaks HTTP to the cloud. */
export type Http = Pick<HttpClient, "request" | "stream">;

/** A WebSocket that stands. */
export interface MessageSocket {
  /** Text frames as they come, to be read once. @throws MetergateError when the connection is cut or silent for too long */
  readonly messages: AsyncIterable<string>;
  /** Ends the connection; does nothing when it is gone. */
  close(): void;
}

/** @throws MetergateError when no connection came about */
export type OpenWebSocket = (request: {
  readonly url: URL;
  readonly timeoutMs: number;
  /** Milliseconds without a message or a sign of life after which the connection is dead. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}) => Promise<MessageSocket>;

/** Who reads a secret, for the audit. */
export interface SecretPurpose {
  readonly purpose: string;
  readonly correlationUid?: string | undefined;
}

/** Keys and passwords of gateways and meters; `devices/key-vault.ts` has the rules. NEW: not yet in use by the device. */
export interface VaultPort {
  /** The secret in use, or null when there is none. The octets are the caller's to keep short-lived. */
  getActive(device: string, type: SecretType, purpose: SecretPurpose): Promise<Uint8Array | null>;
  /** The secret that is to be used next, or null when there is none. */
  getNew(device: string, type: SecretType, purpose: SecretPurpose): Promise<Uint8Array | null>;
  /** Whether there is a new secret of one of these types. */
  hasNew(device: string, types: readonly SecretType[]): Promise<boolean>;
  /**
   * Stores secrets as new, all or none; older new ones of the same types are withdrawn.
   * @param action that brings them; see `broughtBy`
   */
  storeNew(
    device: string,
    secrets: readonly { readonly type: SecretType; readonly value: Uint8Array }[],
    action: string,
  ): Promise<void>;
  /** What an action of a request brought for a device, and what became of it. */
  broughtBy(
    device: string,
    action: string,
  ): Promise<readonly { readonly type: SecretType; readonly state: "NEW" | "ACTIVE" | "EXPIRED" | "WITHDRAWN" }[]>;
  /** The device has taken the new secrets: they become active, the active ones expire, all or none. */
  activate(device: string, types: readonly SecretType[]): Promise<void>;
}

/** The key pair that callers seal secrets for. */
export interface PlatformKeysPort {
  /**
   * @param sealed RSA-OAEP ciphertext as hexadecimal digits
   * @throws MetergateError DECRYPTION_EXCEPTION
   */
  openSecret(sealed: Hex): Uint8Array;
}

/** Messages of devices that are debugged. */
export interface MessagesPort {
  /** Takes a message; it is written soon, after those that came before. */
  keep(message: {
    readonly direction: "to-device" | "from-device";
    readonly service: string;
    readonly operation: string;
    readonly device: string;
    readonly caller: Caller;
    readonly correlationUid: string;
    /** Without secrets. */
    readonly body: Uint8Array;
  }): void;
  /** Resolves when all that came so far is written, or cannot be. */
  kept(): Promise<void>;
}

/** What a conversation with a meter teaches about it. */
export interface MeterRecords {
  /** @param timezone IANA name that dates in later requests are converted to */
  setTimezone(device: string, timezone: string): Promise<void>;
  /** Versions that the meter has just told. */
  setFirmwareVersions(
    device: string,
    versions: readonly { readonly module: string; readonly version: string }[],
  ): Promise<void>;
}
