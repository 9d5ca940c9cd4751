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

/** What clocks in a zone show, as if it were UTC; milliseconds. */
function localMs(timeZone: string, epochMs: number): number {
  return Date.parse(`${localTimeIn(timeZone, epochMs)}Z`);
}

/** The moment at which clocks in a zone show this. */
function fromLocal(timeZone: string, local: number): number {
  const guess = 2 * local - localMs(timeZone, local);
  return guess - (localMs(timeZone, guess) - local);
}

/**
 * The beginnings of days or months in a zone, milliseconds since 1970, within a stretch of time; both ends included.
 * @param timeZone of the IANA database
 * @param most of them that are told
 */
export function localMidnights(
  timeZone: string,
  beginMs: number,
  endMs: number,
  of: "days" | "months",
  most: number,
): number[] {
  const first = new Date(localMs(timeZone, beginMs));
  const found: number[] = [];
  for (let i = 0; found.length < most; i++) {
    const [month, day] = of === "days" ? [0, first.getUTCDate() + i] : [i, 1];
    const moment = fromLocal(timeZone, Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + month, day));
    if (moment > endMs) break;
    if (moment >= beginMs) found.push(moment);
  }
  return found;
}
