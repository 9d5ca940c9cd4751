import type { XmlElement } from "libxml2-wasm";
import { validate } from "../../contract/schema.ts";
import { MOST_PROBLEMS, validationFault } from "../fault.ts";

/**
 * Holds the body's element to the schema.
 * @throws SoapFault Client that names the first places where it deviates
 */
export function requireValid(payload: XmlElement): void {
  const issues = validate(payload);
  if (issues.length === 0) return;
  const shown = issues.slice(0, MOST_PROBLEMS).map(({ message, line, path }) => ({ message, line, path }));
  throw validationFault(shown, issues.length - shown.length);
}
