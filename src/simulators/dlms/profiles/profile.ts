import type { ObisCode } from "../../../lib/obis.ts";
import type { CosemObject } from "../cosem-object.ts";

/** What meters of one companion standard and version are made of; immutable and shared by all of them. */
export interface MeterProfile {
  /** Protocol name: DSMR or SMR. */
  readonly protocol: "DSMR" | "SMR";
  /** Version of the companion standard, as in 5.0.0. */
  readonly version: string;
  /** Class version of the M-Bus client objects, which decides how identification numbers are written. */
  readonly mbusClientVersion: number;
  /** What 0.0.43.1.0.255 shows on delivery. */
  readonly initialInvocationCounter: number;
  /** Layout of pushed messages. */
  readonly pushFormat: "dsmr4" | "smr5";
  readonly objects: ReadonlyMap<ObisCode, CosemObject>;
}

/** Tables of objects as a map; a later object takes the place of an earlier one with the same logical name. */
export function objectMap(...tables: readonly (readonly CosemObject[])[]): Map<ObisCode, CosemObject> {
  return new Map(tables.flat().map((object) => [object.logicalName, object]));
}
