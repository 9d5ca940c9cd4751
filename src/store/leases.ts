/**
 * Leases by name, for what may be done by one party at a time among all nodes. The store's time decides when one has
 * ended.
 */
export interface LeasesStore {
  /**
   * Takes the lease if nobody holds it, or renews the holder's own.
   * @returns the fencing token: higher for each holder than for all before it; undefined when somebody else holds it
   */
  acquire(name: string, holder: string, durationMs: number): Promise<number | undefined>;
  /** Gives a lease a new end. False: it was lost, and maybe somebody else's since. */
  extend(name: string, token: number, durationMs: number): Promise<boolean>;
  /** Gives a lease back before its end; does nothing when it is not held with this token any more. */
  release(name: string, token: number): Promise<void>;
}
