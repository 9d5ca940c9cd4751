import { equalBytes } from "../../src/lib/bytes.ts";
import type { OtherConnection, SqlValue } from "./temporary-store.ts";

/** A row of message_log_pack, its leaves parsed. */
export interface Pack {
  readonly first_index: number;
  /** Place in the payloads, octets of two salts and of the payload, leaf; null where there is none. */
  leaves: ([number, number, number, number | null, Record<string, SqlValue>] | null)[];
  entries: Uint8Array;
  commitments: Uint8Array;
  payloads: Uint8Array;
}

/** Changes the pack that has an entry behind the service's back, as somebody would who can write to the database. */
export function changePack(sql: OtherConnection, index: number, change: (pack: Pack, at: number) => void): void {
  const [row] = sql.rows<Omit<Pack, "leaves"> & { leaves: string }>(
    "select * from message_log_pack where first_index <= ? order by first_index desc limit 1",
    index,
  );
  const pack: Pack = { ...row!, leaves: JSON.parse(row!.leaves) };
  change(pack, index - pack.first_index);
  sql.run(
    "update message_log_pack set leaves = ?, entries = ?, commitments = ?, payloads = ? where first_index = ?",
    ...[JSON.stringify(pack.leaves), pack.entries, pack.commitments, pack.payloads, pack.first_index],
  );
}

/** Takes an entry away. */
export function removeEntry(sql: OtherConnection, index: number): void {
  changePack(sql, index, (pack, at) => {
    pack.leaves[at] = null;
  });
}

/** Changes members of an entry's leaf. */
export function changeLeaf(sql: OtherConnection, index: number, members: Record<string, SqlValue>): void {
  changePack(sql, index, (pack, at) => Object.assign(pack.leaves[at]![4], members));
}

/** Puts another payload of the same length in the place of an entry's. */
export function changePayload(sql: OtherConnection, index: number, payload: Uint8Array): void {
  changePack(sql, index, (pack, at) => {
    const [from, originalSalt, salt, octets] = pack.leaves[at]!;
    if (payload.length !== octets) throw new RangeError(`the payload has ${octets} octets`);
    const changed = pack.payloads.slice();
    changed.set(payload, from + originalSalt + salt);
    if (equalBytes(changed, pack.payloads)) throw new RangeError("it is the same payload");
    pack.payloads = changed;
  });
}
