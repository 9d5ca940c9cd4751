import { readFileSync } from "node:fs";
import { UsageError } from "./context.ts";

/** @throws UsageError when the file cannot be read. */
export function readInput(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
