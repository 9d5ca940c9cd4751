/** What the client knows of a request that was acknowledged. */
export interface AcknowledgedRequest {
  readonly correlationUid: string;
  /** Each answer that told how it ended, as text, in the order in which they came. */
  readonly answers: readonly string[];
}

/** A request as it lies in the database. */
export interface RequestInDatabase {
  readonly correlationUid: string;
  /** Orders requests by when they were accepted. */
  readonly id: number;
  readonly device: string;
  readonly operation: string;
  readonly state: string;
  /** What the write sets, if it sets something that the meters note down. */
  readonly marker: string | undefined;
  readonly actions: number;
  readonly outcomes: number;
  /** How its attempts ended, first one first. */
  readonly endings: readonly string[];
  /** Entries of the message log that have its correlation UID. */
  readonly logEntries: number;
}

/** What a meter noted down by itself. */
export interface MeterRecord {
  readonly device: string;
  /** Every value that it took for the attribute that is written, in order, without repetitions next to each other. */
  readonly markers: readonly string[];
  /** Every encryption key that it had, likewise. */
  readonly keys: readonly string[];
  /** Whether it could be read at the end under the keys of the vault. */
  readonly reachable: boolean;
}

export interface Evidence {
  readonly acknowledged: readonly AcknowledgedRequest[];
  readonly requests: readonly RequestInDatabase[];
  readonly meters: readonly MeterRecord[];
  /** What the verifier of the log found, in words. */
  readonly logFindings: readonly string[];
}

const FINAL = ["succeeded", "failed"];

/** What does not hold of one acknowledged request. */
function violationsOf(own: AcknowledgedRequest, stored: RequestInDatabase | undefined): string[] {
  const { correlationUid, answers } = own;
  if (!stored) return [`${correlationUid} was acknowledged and is not in the database`];
  const found: string[] = [];
  const { state, actions, outcomes, endings, logEntries } = stored;
  if (!FINAL.includes(state)) found.push(`${correlationUid} has not ended: ${state}`);
  if (state === "succeeded" && outcomes !== actions) {
    found.push(`${correlationUid} succeeded with ${outcomes} outcomes of ${actions}`);
  }
  const ends = endings.filter((ending) => FINAL.includes(ending)).length;
  if (ends > 1 || (state === "succeeded" && ends === 0)) found.push(`${correlationUid} ended ${ends} times`);
  if (new Set(answers).size > 1) found.push(`${correlationUid} was answered in different ways`);
  if (answers.length === 0) found.push(`${correlationUid} was never answered`);
  if (logEntries === 0) found.push(`${correlationUid} left nothing in the log`);
  return found;
}

/** What does not hold of what a meter was told to change. */
function violationsAt(meter: MeterRecord, requests: readonly RequestInDatabase[]): string[] {
  const found: string[] = [];
  const { device, markers, keys, reachable } = meter;
  const byMarker = new Map(requests.flatMap((each) => (each.marker === undefined ? [] : [[each.marker, each]])));
  let latest = -1;
  for (const marker of markers) {
    const request = byMarker.get(marker);
    if (!request || request.device !== device) {
      found.push(`${device} was given ${marker}, which no request asks for`);
      continue;
    }
    if (request.id < latest) found.push(`${device} was given ${marker} after what was ordered later`);
    latest = Math.max(latest, request.id);
  }
  const given = new Set(markers);
  for (const { marker, state, correlationUid } of requests) {
    if (marker === undefined || state !== "succeeded" || given.has(marker)) continue;
    found.push(`${correlationUid} succeeded, and ${device} was never given ${marker}`);
  }
  if (new Set(keys).size < keys.length) found.push(`${device} had the same key a second time`);
  if (!reachable) found.push(`${device} cannot be reached under the keys of the vault`);
  return found;
}

/**
 * Judges what happened by three records that do not know of each other: the client's, the database's and the meters'.
 * @returns what does not hold, in words; empty when everything was kept that is promised
 */
export function check({ acknowledged, requests, meters, logFindings }: Evidence): string[] {
  const byUid = new Map<string, RequestInDatabase>();
  const found: string[] = [];
  for (const request of requests) {
    if (byUid.has(request.correlationUid)) found.push(`${request.correlationUid} is in the database twice`);
    byUid.set(request.correlationUid, request);
  }
  const uids = new Set(acknowledged.map(({ correlationUid }) => correlationUid));
  if (uids.size < acknowledged.length) found.push("a correlation UID was given out twice");
  for (const own of acknowledged) found.push(...violationsOf(own, byUid.get(own.correlationUid)));
  for (const meter of meters) {
    found.push(
      ...violationsAt(
        meter,
        requests.filter(({ device }) => device === meter.device),
      ),
    );
  }
  return [...found, ...logFindings.map((finding) => `the log: ${finding}`)];
}
