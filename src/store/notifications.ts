import type { NewLogEntry } from "./message-log.ts";

/** What a notification is about that belongs to no request: what a device pushed or reported, what the platform noticed. */
export const PUSHED_ALARM = "PushedAlarm";
export const SYSTEM_EVENT = "SystemEvent";
export const DEVICE_REPORT = "DeviceReport";

/** The address at which an organisation's application is told. */
export interface NotificationAddress {
  readonly organisation: string;
  readonly application: string;
  readonly url: string;
}

/** Where messages of an organisation may go to: scheme, host and port, as the standard of URLs writes an origin. */
export interface AllowedOrigin {
  readonly organisation: string;
  readonly origin: string;
  /** Networks (`10.0.0.0/8`, `fd00::/8`) among its addresses that are private and may be connected to all the same. */
  readonly networks: readonly string[];
}

/**
 * The networks of a stored origin. What is no list of texts stands there as it is: it is no network, so it opens nothing,
 * and whoever lists the origins sees it.
 * @param text JSON array of texts
 */
export function readNetworks(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
  } catch {
    // Below.
  }
  return [text];
}

/** That something ended or happened, for one that is to hear of it. */
export interface StoredNotification {
  readonly id: number;
  readonly correlationUid: string;
  readonly organisation: string;
  readonly application: string;
  readonly device: string;
  /** The operation of the request that ended, `PUSHED_ALARM`, `SYSTEM_EVENT` or `DEVICE_REPORT`. */
  readonly about: string;
  readonly result: "OK" | "NOT OK";
  /** What went wrong, in words. */
  readonly message?: string | undefined;
  readonly url: string;
  /** How often it was sent and not acknowledged. */
  readonly failures: number;
  /** Epoch milliseconds, as the following. */
  readonly createdMs: number;
  readonly dueMs: number;
  /** Why it was not acknowledged the last time. */
  readonly lastError?: string | undefined;
}

/** What became of an attempt to send one. What was acknowledged is forgotten; the message log has it. */
export type Delivery =
  | { readonly kind: "acknowledged" }
  | { readonly kind: "again"; readonly dueMs: number; readonly error: string }
  /** It will not be sent any more, unless somebody wants it to. */
  | { readonly kind: "dead"; readonly error: string };

/** Which of those that will not be sent any more; all when nothing is said. */
export interface DeadSelection {
  readonly organisation?: string | undefined;
  readonly correlationUid?: string | undefined;
}

/**
 * Notifications that are to be sent, and where to. They get in with the end of the request (`requests.settle`), the push
 * (`pushes.keep`) or the event that they are about, in its transaction, when there is somebody to be told: a ResponseUrl
 * or an address.
 */
export interface NotificationsStore {
  /** Sets the address of an application, also for what waits to be sent there. */
  setAddress(address: NotificationAddress, entries?: readonly NewLogEntry[]): Promise<void>;
  /** False when there was none. What waits to be sent there still is. */
  removeAddress(organisation: string, application: string, entries?: readonly NewLogEntry[]): Promise<boolean>;
  addresses(): Promise<NotificationAddress[]>;
  /** Adds an origin to those that are allowed, or changes its networks. */
  allow(origin: AllowedOrigin, entries?: readonly NewLogEntry[]): Promise<void>;
  /** False when it was not among them. */
  disallow(organisation: string, origin: string, entries?: readonly NewLogEntry[]): Promise<boolean>;
  allowed(organisation?: string): Promise<AllowedOrigin[]>;
  /** What is due, the longest due first of each origin: at most `perOrigin` of each that is not among `except`. */
  due(perOrigin: number, except: readonly string[]): Promise<StoredNotification[]>;
  /**
   * Stores what became of the attempt after `failures`, with the evidence of it. False: it was settled otherwise
   * meanwhile, and nothing was written.
   */
  settle(
    sent: { readonly id: number; readonly failures: number },
    delivery: Delivery,
    entries: readonly NewLogEntry[],
  ): Promise<boolean>;
  /** How many wait to be sent, and how many will not be sent any more. */
  count(): Promise<{ readonly waiting: number; readonly dead: number }>;
  /** The oldest first. */
  list(state: "waiting" | "dead", limit: number): Promise<StoredNotification[]>;
  /** Has the dead sent once more, to where their applications are told now; gives how many. */
  replay(selection: DeadSelection, entries?: readonly NewLogEntry[]): Promise<number>;
  /** Deletes the dead that were made before a time (epoch milliseconds), at most `limit`; gives how many there were. */
  purge(beforeMs: number, limit: number): Promise<number>;
}
