import { WIRE_FORMS } from "../../../src/contract/operations/index.ts";
import { envelope } from "../../e2e/matrix-case.ts";
import { GATEWAY } from "./world.ts";

/** A request of an operation: `$` stands for the prefix of its service. */
export function document(operation: string, content: string, device = GATEWAY): Uint8Array<ArrayBuffer> {
  const element = WIRE_FORMS.get(operation)!.requestElement!;
  const [prefix] = element.split(":");
  const inside = `<$:DeviceIdentification>${device}</$:DeviceIdentification>${content}`;
  return envelope(`<${element}>${inside.replaceAll("$:", `${prefix}:`)}</${element}>`);
}
