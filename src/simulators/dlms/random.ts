import { createHash } from "node:crypto";
import type { Random } from "../../lib/random.ts";

/** True once in `1 / probability` times; the resolution is 2^-32. */
export function happens(random: Random, probability: number): boolean {
  const draw = Buffer.from(random.bytes(4)).readUInt32BE() / 2 ** 32;
  return draw < probability;
}

/**
 * A repeatable source: the same seed gives the same octets. For what a simulated meter does by chance, and for tests;
 * not for real keys.
 */
export function seededRandom(seed: string): Random {
  let block = 0;
  const bytes = (length: number) => {
    const out = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const digest = createHash("sha256").update(`${seed}/${block++}`).digest();
      out.set(digest.subarray(0, Math.min(32, length - at)), at);
    }
    return out;
  };
  const uuid = () => {
    const hex = Buffer.from(bytes(16)).toString("hex");
    const variant = "89ab"[Number.parseInt(hex[16]!, 16) % 4];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  };
  return { bytes, uuid };
}
