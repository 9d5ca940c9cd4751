import { DLMS } from "./adapters/dlms/family.ts";

/** The families of devices that are served; a record that names none is of the first. */
export const FAMILIES = [DLMS] as const;
