/** What the client knows of a request that was acknowledged. */
export interface AcknowledgedRequest {
  readonly correlationUid: string;
  /** Each answer that told how it ended, as text, in the order in which they came. */
  readonly answers: readonly string[];
}

/** What the client ordered, by what tells it from all other orders: the value that the meter is to take. Epoch milliseconds. */
export interface Order {
  readonly sentMs: number;
  /** When the client had the answer; undefined when none came. */
  readonly acknowledgedMs: number | undefined;
  readonly priority: number;
}

/** A request as it lies in the database. */
export interface RequestInDatabase {
  readonly correlationUid: string;
  readonly device: string;
  readonly operation: string;
  readonly state: string;
  /** What the write sets, if it sets something that the meters note down. */
  readonly marker: string | undefined;
  /** When it was first chosen to be run, where that is known by the client's clock. Epoch milliseconds. */
  readonly claimedMs: number | undefined;
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
  /** By marker. */
  readonly orders: ReadonlyMap<string, Order>;
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

/** Where a less urgent write was chosen before a more urgent one that had been acknowledged. */
function passedOver(device: string, requests: readonly RequestInDatabase[], orders: Evidence["orders"]): string[] {
  const found: string[] = [];
  const writes = requests.flatMap(({ marker = "", claimedMs }) => {
    const order = orders.get(marker);
    return order && claimedMs !== undefined ? [{ marker, claimedMs, ...order }] : [];
  });
  for (const less of writes) {
    for (const more of writes) {
      if (more.priority <= less.priority || more.claimedMs <= less.claimedMs) continue;
      const { acknowledgedMs = Number.POSITIVE_INFINITY } = more;
      if (acknowledgedMs >= less.claimedMs) continue;
      const waited = `${more.marker} of priority ${more.priority} waited from ${acknowledgedMs}`;
      const begun = `${less.marker} of priority ${less.priority} was begun at ${less.claimedMs}`;
      found.push(`${device}: ${waited}, and ${begun}`);
    }
  }
  return found;
}

/** What does not hold of what a meter was told to change. */
function violationsAt(
  meter: MeterRecord,
  requests: readonly RequestInDatabase[],
  orders: Evidence["orders"],
): string[] {
  const { device, markers, keys, reachable } = meter;
  const found = passedOver(device, requests, orders);
  const ordered = new Set(requests.map(({ marker }) => marker));
  const given = new Set<string>();
  // What is on its way at the same time has no order; what is acknowledged is older than all that is sent after that.
  const later = new Map<number, { marker: string; sentMs: number }>();
  for (const marker of markers) {
    const order = orders.get(marker);
    if (!order || !ordered.has(marker)) {
      found.push(`${device} was given ${marker}, which no request asks for`);
      continue;
    }
    if (given.has(marker)) found.push(`${device} was given ${marker} a second time, after others`);
    given.add(marker);
    const latest = later.get(order.priority);
    if (latest && (order.acknowledgedMs ?? Number.POSITIVE_INFINITY) < latest.sentMs) {
      found.push(`${device} was given ${marker} after ${latest.marker}, which was ordered later`);
    }
    if (!latest || latest.sentMs < order.sentMs) later.set(order.priority, { marker, sentMs: order.sentMs });
  }
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
export function check({ acknowledged, orders, requests, meters, logFindings }: Evidence): string[] {
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
        orders,
      ),
    );
  }
  return [...found, ...logFindings.map((finding) => `the log: ${finding}`)];
}
