import { BlockList, isIPv4, isIPv6 } from "node:net";

/**
 * IPv4 networks that are nobody's on the public Internet: the IANA registry of special-purpose addresses, multicast and
 * what is reserved.
 */
const SPECIAL_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/3",
];
/** All of IPv6 that is public (RFC 4291, section 2.4), and what is special within it: the way to IPv4 addresses, too. */
const GLOBAL_UNICAST = "2000::/3";
const SPECIAL_IPV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** A network in CIDR notation. */
export interface Network {
  readonly text: string;
  contains(address: string): boolean;
}

/** An address as it is connected to: an IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`) is the IPv4 address. */
export function bareAddress(address: string): string {
  const [bare = ""] = address.split("%");
  if (!isIPv6(bare)) return bare;
  const mapped = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(new URL(`http://[${bare}]/`).hostname);
  if (!mapped) return bare;
  const octets = mapped.slice(1).flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return octets.join(".");
}

/** @returns undefined when the text is no network: `10.0.0.0/8`, `fd00::/8`, or a single address */
export function parseNetwork(text: string): Network | undefined {
  const [, address = "", length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : undefined;
  const most = family === "ipv4" ? 32 : 128;
  const bits = length === undefined ? most : Number(length);
  if (!family || bits > most) return undefined;
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return { text, contains: (other) => contains(list, bareAddress(other)) };
}

function contains(list: BlockList, address: string): boolean {
  if (isIPv4(address)) return list.check(address, "ipv4");
  return isIPv6(address) && list.check(address, "ipv6");
}

function networks(texts: readonly string[]): readonly Network[] {
  return texts.map((text) => parseNetwork(text)!);
}

const specialIpv4 = networks(SPECIAL_IPV4);
const [globalUnicast] = networks([GLOBAL_UNICAST]);
const specialIpv6 = networks(SPECIAL_IPV6);

/** Whether a text is an IP address, in whatever form {@link bareAddress} takes. */
export function isIpAddress(text: string): boolean {
  const bare = bareAddress(text);
  return isIPv4(bare) || isIPv6(bare);
}

/** Whether an address is one of the public Internet: not loopback, link-local, private, reserved, or the way to such. */
export function isPublicAddress(address: string): boolean {
  const bare = bareAddress(address);
  const isIn = (list: readonly Network[]) => list.some((network) => network.contains(bare));
  if (isIPv4(bare)) return !isIn(specialIpv4);
  return isIPv6(bare) && globalUnicast!.contains(bare) && !isIn(specialIpv6);
}
