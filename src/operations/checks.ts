import { MetergateError } from "../domain/errors.ts";

/** @throws MetergateError VALIDATION_ERROR */
export function refuse(text: string): never {
  throw new MetergateError("VALIDATION_ERROR", text);
}

/** @throws MetergateError VALIDATION_ERROR naming the range and the value */
export function requireRange(name: string, value: number, lowest: number, highest: number): void {
  if (!(value >= lowest && value <= highest)) refuse(`${name} must be ${lowest} to ${highest}, not ${value}`);
}
