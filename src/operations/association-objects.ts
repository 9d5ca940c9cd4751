import type { ObisCode } from "../lib/obis.ts";

/** Access modes of attributes; positions are the numbers on the wire of the meter (Blue Book, class 15, access_mode). */
export const ATTRIBUTE_ACCESS_MODES = [
  "NO_ACCESS",
  "READ_ONLY",
  "WRITE_ONLY",
  "READ_AND_WRITE",
  "AUTHENTICATED_READ_ONLY",
  "AUTHENTICATED_WRITE_ONLY",
  "AUTHENTICATED_READ_AND_WRITE",
] as const;

export interface AssociationLnElement {
  readonly classId: number;
  readonly version: number;
  readonly logicalName: ObisCode;
  readonly attributes: readonly { readonly id: number; readonly mode: number; readonly selectors: readonly number[] }[];
  readonly methods: readonly { readonly id: number; readonly mode: number }[];
}
