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
