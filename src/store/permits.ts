/** A connection that somebody wants to make. */
export interface PermitWish {
  /** Names the permit; made up by whoever asks. */
  readonly id: string;
  /** What the limits are for: connections of one family. */
  readonly network: string;
  /** The part of the network that the device is in, such as a cell; undefined when nobody knows. */
  readonly segment?: string | undefined;
  /** Most open connections, in the network and in the segment, and most that begin in a second; 0 is no limit. */
  readonly limits: { readonly open: number; readonly openInSegment: number; readonly perSecond: number };
  /** When it is given back by itself, in case whoever has it died. */
  readonly forMs: number;
}

/** Permits for connections to devices, that all nodes take from one stock. By the store's time. */
export interface PermitsStore {
  /** @returns false when there is none now */
  take(wish: PermitWish): Promise<boolean>;
  /** Gives a permit back; does nothing when it is gone. */
  give(id: string): Promise<void>;
}

/** A thousandth of a permit to begin a connection. */
const MILLI = 1000;

/**
 * A bucket of permits to begin: it fills up evenly, and holds those of a second.
 * @param before what was in it, in thousandths, and when
 * @returns what is in it after one was taken; undefined when there is none
 */
export function takeFromBucket(
  before: { readonly tokens: number; readonly atMs: number } | undefined,
  perSecond: number,
  nowMs: number,
): number | undefined {
  const full = perSecond * MILLI;
  const gained = before ? Math.max(0, nowMs - before.atMs) * perSecond : full;
  const tokens = Math.min(full, (before?.tokens ?? 0) + gained);
  return tokens >= MILLI ? tokens - MILLI : undefined;
}
