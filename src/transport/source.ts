import { isIPv6 } from "node:net";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;
/** Groups of 16 bits in an address, and in the part of it that tells whose network it is. */
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/**
 * Who a limit is for: an IPv4 address, or the network of 64 bits that an IPv6 address is in, because whoever has one
 * of those has all of its addresses.
 */
export function sourceOf(address: string): string {
  const [bare = ""] = address.split("%");
  const mapped = MAPPED.exec(bare);
  if (mapped) return mapped[1]!;
  if (!isIPv6(bare)) return address;
  const [head = "", tail] = bare.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail ? tail.split(":") : [];
  const left = tail === undefined ? 0 : GROUPS - before.length - after.length;
  const groups = [...before, ...Array<string>(Math.max(left, 0)).fill("0"), ...after].slice(0, NETWORK_GROUPS);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
