import { randomBytes, randomFillSync, randomUUID } from "node:crypto";

/** Where randomness comes from. Keys and challenges need the system's; tests may give a repeatable one. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A version 4 UUID in lower case with dashes. */
  uuid(): string;
}

/** Asking the system costs the same for one octet as for many; nothing is given twice, or left to be found. */
const supply = new Uint8Array(4096);
let given = supply.length;

function takeBytes(length: number): Uint8Array {
  if (length > supply.length / 16) return new Uint8Array(randomBytes(length));
  if (given + length > supply.length) {
    randomFillSync(supply);
    given = 0;
  }
  const octets = supply.slice(given, given + length);
  supply.fill(0, given, given + length);
  given += length;
  return octets;
}

export const systemRandom: Random = {
  bytes: takeBytes,
  uuid: () => randomUUID(),
};
