import { readdirSync, readFileSync } from "node:fs";
import {
  XmlBufferInputProvider,
  XmlDocument,
  type XmlElement,
  XmlValidateError,
  XsdValidator,
  xmlRegisterInputProvider,
} from "libxml2-wasm";
import { ContractError } from "./errors.ts";
import { NAMESPACES } from "./generated/tables.ts";

/** Folders of the contract's files. They lie beside `src` and `dist` alike, two levels above this file. */
export const XSD_FOLDER = new URL("../../xsd/", import.meta.url);
export const WSDL_FOLDER = new URL("../../wsdl/", import.meta.url);

/** One deviation from the schema. Values are left out of the message: they may be keys. */
export interface SchemaIssue {
  readonly message: string;
  /** Line in the document, from 1. */
  readonly line: number;
  readonly xpath?: string;
}

/** Where the schemas lie as far as the validator can see; no such place exists outside of it. */
const BASE = "metergate:///xsd/";

let validator: XsdValidator | undefined;

/** Compiles the schemas; done once, at the latest by the first {@link validate}. Takes some milliseconds. */
export function loadSchemas(): void {
  validator ??= compile();
}

/**
 * Checks a document, or one element of it, against the contract's schemas: requests, responses, headers and faults alike.
 * @returns the deviations, none when it is valid
 */
export function validate(node: XmlDocument | XmlElement): SchemaIssue[] {
  loadSchemas();
  try {
    if (node instanceof XmlDocument) validator!.validate(node);
    else validator!.validate(node);
    return [];
  } catch (error) {
    if (!(error instanceof XmlValidateError)) throw error;
    return error.details.map(({ message, line, xpath }) => ({
      message: withoutValues(message),
      line,
      ...(xpath !== undefined && { xpath }),
    }));
  }
}

/**
 * The only files that libxml2 gets to see are ours, and only while the schemas are compiled: afterwards not even an
 * xsi:schemaLocation in a request finds anything.
 */
function compile(): XsdValidator {
  const names = readdirSync(XSD_FOLDER).filter((name) => name.endsWith(".xsd"));
  const files = new Map(names.map((name) => [`${BASE}${name}`, readFileSync(new URL(name, XSD_FOLDER))]));
  const provider = new XmlBufferInputProvider(Object.fromEntries(files));
  if (!xmlRegisterInputProvider(provider)) {
    throw new ContractError("INTERNAL", "INVALID_VALUE", "the schemas cannot be handed to the XML parser");
  }
  const document = XmlDocument.fromString(importingAll(), { url: `${BASE}all` });
  try {
    return XsdValidator.fromDoc(document);
  } finally {
    document.dispose();
    for (const name of files.keys()) provider.removeBuffer(name);
  }
}

function importingAll(): string {
  const imports = Object.entries(NAMESPACES).map(
    ([name, namespace]) => `<xsd:import namespace="${namespace}" schemaLocation="${name}.xsd"/>`,
  );
  return `<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">${imports.join("")}</xsd:schema>`;
}

/** libxml2's message with local names instead of expanded ones, and without the value it complains about. */
function withoutValues(message: string): string {
  return message
    .trim()
    .replace(
      /(Element '[^']*'(?:, attribute '[^']*')?: (?:\[facet '\w+'\] )?)(?:The value )?'.*' (is|has) /s,
      "$1The value $2 ",
    )
    .replace(/\{[^{}]*\}/g, "");
}
