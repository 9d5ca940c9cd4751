import type { XmlElement } from "libxml2-wasm";
import { decodeElement, type ElementName } from "../../contract/codec.ts";

/**
 * The body's element as plain values.
 * @throws ContractError when it is not what the schema says, which validation has seen to
 */
export function decodePayload(payload: XmlElement, name: ElementName): unknown {
  return decodeElement(payload, name);
}
