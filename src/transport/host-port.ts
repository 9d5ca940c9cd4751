import { isIPv6 } from "node:net";

/** A name or an IPv4 address: printable ASCII without what separates or brackets. */
const PLAIN_HOST = /^[!-~]+$/;
const SEPARATORS = /[:[\]/@]/;

/**
 * Host and port as one text, `10.0.0.7:9598` or `[2001:db8::1]:9598` (RFC 3986, section 3.2.2).
 * @param host name or address; an IPv6 address with or without its brackets
 * @returns undefined when the host is neither a name nor an address
 */
export function formatHostPort(host: string, port: number): string | undefined {
  const bare = host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
  if (isIPv6(bare)) return `[${bare}]:${port}`;
  return PLAIN_HOST.test(host) && !SEPARATORS.test(host) ? `${host}:${port}` : undefined;
}
