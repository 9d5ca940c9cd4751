/** Addresses that mean all of this machine's; nobody can connect to one. */
const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Whether what listens on `host` listens on every address of the machine. */
export function isWildcard(host: string): boolean {
  return WILDCARDS.has(host);
}

/**
 * The address under which callers may find what listens, without a slash at the end: a host name where it listens on
 * every address.
 * @param machine the machine's host name
 */
export function baseUrlOf(host: string, port: number, machine: string, scheme: "http" | "https" = "http"): string {
  const name = isWildcard(host) ? machine : host;
  // An IPv6 address needs brackets in a URL.
  return `${scheme}://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
