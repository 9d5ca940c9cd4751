import { randomBytes, randomUUID } from "node:crypto";

/** Where randomness comes from. Keys and challenges need the system's; tests may give a repeatable one. */
export interface Random {
  bytes(length: number): Uint8Array;
  /** A version 4 UUID in lower case with dashes. */
  uuid(): string;
}

export const systemRandom: Random = {
  bytes: (length) => new Uint8Array(randomBytes(length)),
  uuid: () => randomUUID(),
};
