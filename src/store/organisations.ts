import type { Authorisation } from "../domain/device.ts";
import type { Organisation } from "../domain/organisation.ts";
import type { NewLogEntry } from "./message-log.ts";

/** A right of an organisation on a device. */
export interface DeviceRight extends Authorisation {
  readonly device: string;
}

/** What is stored of one, as JSON: with members in one order, so that equal ones are equal texts. */
export function organisationRecord({
  enabled,
  messagesPerSecond,
  maxWaiting,
  signed,
  tokenUsers,
}: Organisation): string {
  return JSON.stringify({ enabled, messagesPerSecond, maxWaiting, signed, tokenUsers });
}

/** Who may ask, and rights that are granted and withdrawn one by one; each change with the evidence of it, or not at all. */
export interface OrganisationsStore {
  find(identification: string): Promise<Organisation | undefined>;
  /** By identification. */
  list(): Promise<Organisation[]>;
  /** @returns false when there is one by that name, and then nothing changed */
  add(organisation: Organisation, evidence: readonly NewLogEntry[]): Promise<boolean>;
  /** @returns false when it is not like `before` any more, and then nothing changed: find it again */
  replace(before: Organisation, after: Organisation, evidence: readonly NewLogEntry[]): Promise<boolean>;
  /**
   * Grants a right on a device that is known, to an organisation that is.
   * @returns false when it has it already; then the log gets nothing
   */
  grant(right: DeviceRight, evidence: readonly NewLogEntry[]): Promise<boolean>;
  /** @returns false when there is no such right; then the log gets nothing */
  revoke(right: DeviceRight, evidence: readonly NewLogEntry[]): Promise<boolean>;
}
