/**
 * Adds an operation to the contract's files, with the messages of another one under its own name:
 * `copy-operation.ts Adhoc ScanMbusChannels GetOccupiedChannels`. What is asked and answered is then written by hand.
 */
import { readFileSync, writeFileSync } from "node:fs";

const [service = "", from = "", to = ""] = process.argv.slice(2);
const PARTS = "(?:Request|AsyncResponse|AsyncRequest|Response)?(?:Message)?";

/** Writes each element of the kinds named, that is named after the operation, again below itself. */
function copyElements(path: string, kinds: string): void {
  const file = new URL(`../../${path}`, import.meta.url);
  const element = new RegExp(`^  +<(${kinds}) name="${from}${PARTS}"(?:[^>]*/>|[^]*?^  +</\\1>)\\n`, "gm");
  const text = readFileSync(file, "utf8");
  const copied = text.replace(element, (found) => found + found.replaceAll(from, to));
  if (copied === text) throw new Error(`${path} has nothing named after ${from}`);
  writeFileSync(file, copied);
  console.log(`wrote ${path}`);
}

copyElements(`xsd/sm-${service.toLowerCase()}.xsd`, "xsd:element");
copyElements(`wsdl/SmartMetering${service}.wsdl`, "wsdl:message|wsdl:operation");
