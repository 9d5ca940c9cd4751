import { InvalidArgumentError } from "commander";

/** Reads a duration. */
export function seconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError("It must be a whole number of seconds.");
  return Number(text);
}

/** Reads a whole number within limits. */
export function integer(lowest: number, highest: number): (text: string) => number {
  return (text) => {
    if (/^\d{1,6}$/.test(text) && Number(text) >= lowest && Number(text) <= highest) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`);
  };
}

/** Adds a value to those of an option that may be repeated. */
export function another(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}
