import { DLMS } from "./adapters/dlms/family.ts";

/** The families of devices that are served; a record that names none is of the first. */
export const FAMILIES = [DLMS] as const;

type UnionToIntersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void
  ? I
  : never;

/** What operators can set about them. */
export const FAMILY_SETTINGS = Object.assign({}, ...FAMILIES.map(({ settings }) => settings)) as UnionToIntersection<
  (typeof FAMILIES)[number]["settings"]
>;
