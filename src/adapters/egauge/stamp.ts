const NANOSECONDS = 1_000_000_000n;
/** Seconds since 1970 with up to nine digits behind the point; more are cut. */
const STAMP = /^(-?)(\d{1,12})(?:\.(\d{1,30}))?$/;

/**
 * A time of a meter, such as `1677523091.000900435`, in nanoseconds since 1970; exact, which a double would not be.
 * @returns undefined when the text is no such time
 */
export function parseStamp(text: string): bigint | undefined {
  const [, sign, seconds, fraction = ""] = STAMP.exec(text) ?? [];
  if (seconds === undefined) return undefined;
  const nanoseconds = BigInt(seconds) * NANOSECONDS + BigInt(fraction.padEnd(9, "0").slice(0, 9));
  return sign ? -nanoseconds : nanoseconds;
}

/** @param ms milliseconds since 1970 */
export function formatStamp(ms: number): string {
  const [sign, whole] = [ms < 0 ? "-" : "", Math.abs(Math.round(ms))];
  const fraction = whole % 1000;
  const text = `${sign}${Math.floor(whole / 1000)}`;
  return fraction === 0 ? text : `${text}.${String(fraction).padStart(3, "0")}`;
}

/** Milliseconds since 1970, what is finer cut off. */
export function stampMs(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n);
}
