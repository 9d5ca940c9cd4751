/** First four groups of an IPv6 address, the part that one customer of a network gets (RFC 6177). */
function networkOf(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? 0 : tail.split(":").length;
    groups.push(...Array.from({ length: 8 - groups.length - after }, () => "0"), ...tail.split(":"));
  }
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/** What callers are counted by: the IPv4 address, or the /64 network of an IPv6 address; empty when there is none. */
export function sourceOf({ remoteAddress = "" }: { readonly remoteAddress?: string | undefined }): string {
  if (remoteAddress.startsWith("::ffff:")) return remoteAddress.slice("::ffff:".length);
  return remoteAddress.includes(":") ? networkOf(remoteAddress.replace(/%.*$/, "")) : remoteAddress;
}
