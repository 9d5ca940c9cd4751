import { readFileSync } from "node:fs";
import { PACKAGE_ROOT } from "../lib/package-root.ts";

/** Version of this package. */
export function version(): string {
  return JSON.parse(readFileSync(new URL("package.json", PACKAGE_ROOT), "utf8")).version;
}
