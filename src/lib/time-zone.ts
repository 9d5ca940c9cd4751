const known = new Set<string>();

/** Whether it is a time zone of the IANA database. Asking the engine is slow, so that a yes is remembered. */
export function isTimeZone(name: string): boolean {
  if (known.has(name)) return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
  } catch {
    return false;
  }
  known.add(name);
  return true;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * What clocks show in a zone, without the zone: `2026-01-31T12:00:00`.
 * @param timeZone of the IANA database
 * @param epochMs milliseconds since 1970
 */
export function localTimeIn(timeZone: string, epochMs: number): string {
  const known = formats.get(timeZone);
  const [dateStyle, timeStyle] = ["short", "medium"] as const;
  const format = known ?? new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle, timeStyle });
  formats.set(timeZone, format);
  return format.format(epochMs).replace(" ", "T");
}
