import * as z from "zod";
import { LOG_CLASSES } from "../domain/log-leaf.ts";

/** Operation of the entry that says what was erased: the tombstone. */
export const ERASED = "erased";

const erasureSchema = z.strictObject({
  class: z.enum(LOG_CLASSES),
  from: z.int().min(0),
  to: z.int().min(0),
  beforeMs: z.int(),
});

/**
 * What a tombstone says: payloads of a class, from index `from` to before `to`, that are older than `beforeMs` (epoch
 * milliseconds) may be gone.
 */
export type Erasure = z.infer<typeof erasureSchema>;

/** @throws when it is none */
export function parseErasure(payload: string): Erasure {
  return erasureSchema.parse(JSON.parse(payload));
}
