import type { Apdu, AttributeReference, ConformanceBit, VariableAccess } from "./apdu.ts";
import { DlmsError } from "./errors.ts";

type RequestKind = "get" | "set" | "action" | "read" | "write";

/** What each form of a request asks for besides its service. */
const FORMS: Readonly<Partial<Record<Apdu["type"], readonly [kind: RequestKind, ...more: ConformanceBit[]]>>> = {
  "get-request-normal": ["get"],
  "get-request-next": ["get", "block-transfer-with-get-or-read"],
  "get-request-with-list": ["get", "multiple-references"],
  "set-request-normal": ["set"],
  "set-request-with-first-datablock": ["set", "block-transfer-with-set-or-write"],
  "set-request-with-datablock": ["set", "block-transfer-with-set-or-write"],
  "set-request-with-list": ["set", "multiple-references"],
  "set-request-with-list-and-first-datablock": ["set", "multiple-references", "block-transfer-with-set-or-write"],
  "action-request-normal": ["action"],
  "action-request-next-pblock": ["action", "block-transfer-with-action"],
  "action-request-with-list": ["action", "multiple-references"],
  "action-request-with-first-pblock": ["action", "block-transfer-with-action"],
  "action-request-with-list-and-first-pblock": ["action", "multiple-references", "block-transfer-with-action"],
  "action-request-with-pblock": ["action", "block-transfer-with-action"],
  "read-request": ["read"],
  "write-request": ["write"],
};

/** The conformance bits that a request needs (IEC 62056-5-3, conformance block); none for what is no request. */
function neededConformance(apdu: Apdu): readonly ConformanceBit[] {
  const form = FORMS[apdu.type];
  if (!form) return [];
  const [service] = form;
  const attributes = "attribute" in apdu ? [apdu.attribute] : "attributes" in apdu ? apdu.attributes : [];
  const variables = "variables" in apdu ? apdu.variables : [];
  return [...form, ...neededByAttributes(attributes, service), ...neededByVariables(variables)];
}

function neededByAttributes(attributes: readonly AttributeReference[], service: RequestKind): ConformanceBit[] {
  const needed: ConformanceBit[] = [];
  if (attributes.some(({ access }) => access)) needed.push("selective-access");
  if (attributes.some(({ attribute }) => attribute === 0)) {
    needed.push(service === "get" ? "attribute0-supported-with-get" : "attribute0-supported-with-set");
  }
  return needed;
}

function neededByVariables(variables: readonly VariableAccess[]): ConformanceBit[] {
  const needed: ConformanceBit[] = [];
  if (variables.length > 1) needed.push("multiple-references");
  if (variables.some((variable) => "access" in variable && variable.access)) needed.push("parameterized-access");
  if (variables.some((variable) => "blockNumber" in variable)) needed.push("block-transfer-with-get-or-read");
  return needed;
}

/**
 * @param granted what was negotiated; undefined when it does not matter
 * @throws DlmsError `local/not-negotiated` or `remote/not-negotiated` with the `missing` bit, by whose request it is
 */
export function checkConformance(
  apdu: Apdu,
  granted: readonly ConformanceBit[] | undefined,
  side: "local" | "remote",
): void {
  if (!granted) return;
  const missing = neededConformance(apdu).find((bit) => !granted.includes(bit));
  if (missing === undefined) return;
  const context = { missing, apdu: apdu.type };
  throw new DlmsError(`${side}/not-negotiated`, `${apdu.type} needs ${missing}, which was not agreed on`, context);
}
