import type { PushedAlarm } from "../contract/operations/push-notification-alarm.ts";
import type { SystemEvent } from "../contract/operations/system-event.ts";
import type { Device } from "../domain/device.ts";
import type { Organisation } from "../domain/organisation.ts";
import type { Caller, RequestOutcome } from "../domain/request.ts";
import type { LogEntry } from "../message-log/message-log.ts";
import type { Accepted, AcceptInput } from "../requests/accept.ts";
import type { BundleResult, DeletionInput, FetchInput } from "../requests/results.ts";

/** The life of requests as the SOAP front sees it. All throw MetergateError when they refuse. */
export interface RequestsPort {
  /** Resolves once the request, the message and the answer that `respond` made are durable. */
  accept(input: AcceptInput): Promise<Accepted>;
  fetch(input: FetchInput): Promise<RequestOutcome>;
  fetchBundle(input: Omit<FetchInput, "operation">): Promise<BundleResult>;
  /** The alarm that a device pushed by itself; UNKNOWN_CORRELATION_UID when there is none for the organisation. */
  fetchAlarm(input: {
    readonly caller: Caller;
    /** May be left out. */
    readonly device?: string | undefined;
    readonly correlationUid: string;
  }): Promise<PushedAlarm>;
  /**
   * Devices that the caller's organisation has a right on, by identification.
   * @param input.page from 0
   */
  listDevices(input: { readonly caller: Caller; readonly page: number }): Promise<{
    readonly pages: number;
    readonly devices: readonly Device[];
  }>;
  /** What the platform noticed of a device; UNKNOWN_CORRELATION_UID when there is nothing for the organisation. */
  fetchSystemEvent(input: {
    readonly caller: Caller;
    readonly device: string;
    readonly correlationUid: string;
  }): Promise<SystemEvent>;
  /** Resolves once the result is gone and the entries are written, in one transaction. */
  deleteResponseData(input: DeletionInput): Promise<void>;
}

/** The log of messages that no request row goes with: fetches, refusals and their answers. */
export interface MessageLogPort {
  /** Resolves once all entries are durable; they stand next to each other in their order. */
  append(...entries: readonly LogEntry[]): Promise<void>;
}

/** Whom messages may come from. */
export interface CallersPort {
  isOrganisationKnown(organisation: string): Promise<boolean>;
  /**
   * Lets a message of an organisation in, before anybody looks at what it asks for.
   * @returns what is known of the organisation, if anything is
   * @throws MetergateError DISABLED_ORGANISATION; SERVICE_BUSY when it sends too many
   */
  admit(organisation: string): Promise<Organisation | undefined>;
}
