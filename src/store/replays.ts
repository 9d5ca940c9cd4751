/** What must not come twice, for as long as it would be taken: so that a restart forgets nothing. */
export interface ReplaysStore {
  /**
   * Remembers a key, and forgets some of those whose time is over.
   * @param key 64 hexadecimal digits
   * @param nowMs epoch milliseconds
   * @param untilMs until when it is remembered, in epoch milliseconds
   * @returns false when it is remembered already
   */
  remember(key: string, nowMs: number, untilMs: number): Promise<boolean>;
}
