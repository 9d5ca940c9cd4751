import type { NewLogEntry } from "./message-log.ts";

/** What a device reported by itself, as it is kept for its owner to find. */
export interface StoredReport {
  readonly correlationUid: string;
  /** The organisation that owns the device. */
  readonly organisation: string;
  readonly device: string;
  /** The family's word for what it is. */
  readonly kind: string;
  /** By the device's clock; epoch milliseconds, as the following. */
  readonly atMs: number;
  readonly receivedMs: number;
  /** The same for the same report, however often it comes: of a device there is one of each. */
  readonly digest: string;
  /** Plain data of the family, which JSON keeps. */
  readonly content: object;
}

/** Which reports of a device; both times are of `atMs` and included. */
export interface ReportQuery {
  readonly device: string;
  readonly organisation: string;
  readonly correlationUid?: string | undefined;
  /** Any of these; every kind when there is none. */
  readonly kinds: readonly string[];
  readonly fromMs?: number | undefined;
  readonly untilMs?: number | undefined;
}

/** What devices reported, kept until retention. */
export interface ReportsStore {
  /**
   * Keeps a report together with the evidence of it, and that its owner is to be told.
   * @returns false when it was kept before; nothing is written then
   */
  keep(report: StoredReport, entries: readonly NewLogEntry[]): Promise<boolean>;
  /** Those that a query means, the newest first, and how many there are in all. */
  find(
    query: ReportQuery,
    page: { readonly offset: number; readonly limit: number },
  ): Promise<{ readonly count: number; readonly reports: StoredReport[] }>;
  /** Deletes what was received before a time (epoch milliseconds), at most `limit`; gives how many there were. */
  purge(beforeMs: number, limit: number): Promise<number>;
}

/** A row of either database. */
export interface ReportRow {
  readonly correlation_uid: string;
  readonly organisation: string;
  readonly device: string;
  readonly kind: string;
  readonly at_ms: number;
  readonly received_ms: number;
  readonly digest: string;
  readonly content: string;
}

export const REPORT_COLUMNS = [
  ...["correlation_uid", "organisation", "device", "kind", "at_ms", "received_ms", "digest", "content"],
] as const;

export function valuesOf(report: StoredReport): (string | number)[] {
  const { correlationUid, organisation, device, kind, atMs, receivedMs, digest, content } = report;
  return [correlationUid, organisation, device, kind, atMs, receivedMs, digest, JSON.stringify(content)];
}

/** One that cannot be read has no content, and does not hide the others. */
export function toReport(row: ReportRow): StoredReport {
  const { correlation_uid: correlationUid, at_ms: atMs, received_ms: receivedMs, content, ...rest } = row;
  return { ...rest, correlationUid, atMs, receivedMs, content: readContent(content) };
}

function readContent(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The condition of a query, with its values in the order of their marks. */
export function conditionOf(query: ReportQuery): { readonly where: string; readonly values: (string | number)[] } {
  const { device, organisation, correlationUid, kinds, fromMs, untilMs } = query;
  const parts: [string, ...(string | number)[]][] = [["device = ? and organisation = ?", device, organisation]];
  if (correlationUid !== undefined) parts.push(["correlation_uid = ?", correlationUid]);
  if (kinds.length > 0) parts.push([`kind in (${kinds.map(() => "?").join(", ")})`, ...kinds]);
  if (fromMs !== undefined) parts.push(["at_ms >= ?", fromMs]);
  if (untilMs !== undefined) parts.push(["at_ms <= ?", untilMs]);
  return { where: parts.map(([text]) => text).join(" and "), values: parts.flatMap(([, ...values]) => values) };
}
