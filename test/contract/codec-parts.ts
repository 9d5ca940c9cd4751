import assert from "node:assert/strict";
import { XmlDocument, XmlElement } from "libxml2-wasm";
import {
  ContractError,
  type ContractReason,
  decodeElement,
  type ElementName,
  type ElementTypes,
} from "../../src/contract/codec.ts";
import { NAMESPACES } from "../../src/contract/generated/tables.ts";

export const CONFIGURATION = NAMESPACES["sm-configuration"];
export const DEVICE = "TEST1024000000001";

export function withRoot<T>(xml: string, use: (root: XmlElement, document: XmlDocument) => T): T {
  const document = XmlDocument.fromString(xml);
  try {
    return use(document.root, document);
  } finally {
    document.dispose();
  }
}

export function decode<N extends ElementName>(name: N, xml: string): ElementTypes[N] {
  return withRoot(xml, (root) => decodeElement(root, name));
}

/** Every element below and including `root` as [schema namespace, local name], in document order. */
export function namesIn(root: XmlElement): [string, string][] {
  const names: [string, string][] = [[root.namespaceUri, root.name]];
  for (let node = root.firstChild; node; node = node.next) {
    if (node instanceof XmlElement) names.push(...namesIn(node));
  }
  return names;
}

export function refuses(
  reason: ContractReason,
  code: "VALIDATION_ERROR" | "INTERNAL",
  message: RegExp,
  act: () => unknown,
) {
  assert.throws(act, (error) => {
    assert.ok(error instanceof ContractError);
    assert.deepEqual([error.reason, error.code], [reason, code]);
    assert.match(error.message, message);
    return true;
  });
}

/** A SetSpecialDaysRequest in the default namespace around the given special days. */
export function specialDays(days: string): string {
  return (
    `<SetSpecialDaysRequest xmlns="${CONFIGURATION}"><DeviceIdentification>${DEVICE}</DeviceIdentification>` +
    `<SpecialDaysRequestData>${days}</SpecialDaysRequestData></SetSpecialDaysRequest>`
  );
}
