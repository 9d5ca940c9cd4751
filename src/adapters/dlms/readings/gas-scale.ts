import type { Scale } from "./scaler-unit.ts";

/** Parts of the model codes of gas meters by the scaler that they have in common; of several, the last decides. */
const GROUPS: readonly { readonly scaler: number | undefined; readonly codes: readonly string[] }[] = [
  { scaler: -3, codes: ["G4", "G6"] },
  { scaler: -2, codes: ["G10", "G16", "G25"] },
  { scaler: undefined, codes: ["G4SRT 1.2L", "G10-16SRT_SMR55", "G25SRT_SMR55"] },
  { scaler: undefined, codes: ["elster-instromet", "flonidan-gasmeter"] },
];

/**
 * What the value of a gas meter means, by its model.
 * @param modelCode as in the device's record
 * @returns undefined when the electricity meter tells, in attribute 3 of the M-Bus master value
 */
export function gasScaleOf(modelCode: string): Scale | undefined {
  const group = GROUPS.findLast(({ codes }) => codes.some((code) => modelCode.includes(code)));
  return group?.scaler === undefined ? undefined : { scaler: group.scaler, unit: "m³" };
}
