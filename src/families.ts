import { DLMS } from "./adapters/dlms/family.ts";
import { EGAUGE } from "./adapters/egauge/family.ts";
import { EKM } from "./adapters/ekm/family.ts";
import { SMART_ENERGY } from "./adapters/smart-energy/family.ts";
import type { DeviceFamily } from "./domain/device.ts";
import { MetergateError } from "./domain/errors.ts";
import type { Family } from "./domain/family.ts";

/** The families of devices that are served; a record that names none is of the first. */
export const FAMILIES = [DLMS, EKM, EGAUGE, SMART_ENERGY] as const;

type UnionToIntersection<U> = (U extends unknown ? (each: U) => void : never) extends (all: infer I) => void
  ? I
  : never;

/** What operators can set about them. */
export const FAMILY_SETTINGS = Object.assign({}, ...FAMILIES.map(({ settings }) => settings)) as UnionToIntersection<
  (typeof FAMILIES)[number]["settings"]
>;

/** @throws MetergateError INTERNAL when the record of a device names a family that is none */
export function familyNamed(name: DeviceFamily): Omit<Family, "open"> {
  const family = FAMILIES.find((each) => each.name === name);
  if (family) return family;
  throw new MetergateError("INTERNAL", `There is no family of devices named ${name}`);
}
