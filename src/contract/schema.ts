import { readdirSync, readFileSync } from "node:fs";
import {
  XmlBufferInputProvider,
  XmlDocument,
  type XmlElement,
  XmlValidateError,
  XsdValidator,
  xmlRegisterInputProvider,
} from "libxml2-wasm";
import { PACKAGE_ROOT } from "../lib/package-root.ts";
import { ContractError } from "./errors.ts";
import { NAMESPACES } from "./generated/tables.ts";
import { elementAt, pathOf } from "./path.ts";
import { normalizeSpace, parseValue } from "./simple-values.ts";

/** Folders of the contract's files. */
export const XSD_FOLDER = new URL("xsd/", PACKAGE_ROOT);
export const WSDL_FOLDER = new URL("wsdl/", PACKAGE_ROOT);

/** What libxml2 tells of a deviation. */
interface Detail {
  readonly message: string;
  readonly line: number;
  readonly xpath?: string;
}

/** One deviation from the schema. Its texts are made when they are asked for: a hostile document has thousands. */
class SchemaIssue {
  readonly #detail: Detail;
  readonly #document: XmlDocument;

  constructor(detail: Detail, document: XmlDocument) {
    this.#detail = detail;
    this.#document = document;
  }

  /** Line in the document, from 1. */
  get line(): number {
    return this.#detail.line;
  }

  /** What is wrong, with expanded names and the schema's own values; the document's are left out, they may be keys. */
  get message(): string {
    return withoutValues(this.#detail.message);
  }

  /** Where, by names from the root. Only while the document lives. */
  get path(): string {
    const element = elementAt(this.#document, this.#detail.xpath ?? "");
    return element ? pathOf(element) : "";
  }
}

/** Where the schemas lie as far as the validator can see; no such place exists outside of it. */
const BASE = "metergate:///xsd/";

/** Hands libxml2 the only files that it gets to see, and only while a schema is compiled: see {@link compile}. */
const provider = new XmlBufferInputProvider({});
if (!xmlRegisterInputProvider(provider)) {
  throw new ContractError("INTERNAL", "INVALID_VALUE", "the schemas cannot be handed to the XML parser");
}

/** What holds elements to their schema, by the schema's file. */
const validators = new Map<string, XsdValidator>();

const FILES: ReadonlyMap<string, string> = new Map(
  Object.entries(NAMESPACES).map(([name, namespace]) => [namespace, `${name}.xsd`]),
);

/**
 * Checks a document, or one element of it, against the contract's schemas: requests, responses, headers and faults alike.
 * Each schema is compiled when an element of it comes for the first time, which takes some milliseconds. All of them at
 * start would be a third of its processor time and a tenth of what an idle process keeps.
 * @returns the deviations, none when it is valid
 */
export function validate(node: XmlDocument | XmlElement): SchemaIssue[] {
  const { namespaceUri } = node instanceof XmlDocument ? node.root : node;
  // Those that no schema knows are unknown to any of them.
  const validator = validatorOf(FILES.get(namespaceUri) ?? "common.xsd");
  try {
    if (node instanceof XmlDocument) validator.validate(node);
    else validator.validate(node);
    return [];
  } catch (error) {
    if (!(error instanceof XmlValidateError)) throw error;
    const document = node instanceof XmlDocument ? node : node.doc;
    return error.details.filter(isDeviation).map((detail) => new SchemaIssue(detail, document));
  }
}

function validatorOf(file: string): XsdValidator {
  const known = validators.get(file);
  if (known) return known;
  const validator = compile(file);
  validators.set(file, validator);
  return validator;
}

/**
 * Afterwards not even an xsi:schemaLocation in a request finds the files.
 * @param file of the schema; what it imports is looked for beside it
 */
function compile(file: string): XsdValidator {
  const names = readdirSync(XSD_FOLDER).filter((name) => name.endsWith(".xsd"));
  for (const name of names) provider.addBuffer(`${BASE}${name}`, readFileSync(new URL(name, XSD_FOLDER)));
  try {
    const document = XmlDocument.fromBuffer(readFileSync(new URL(file, XSD_FOLDER)), { url: `${BASE}${file}` });
    try {
      return XsdValidator.fromDoc(document);
    } finally {
      document.dispose();
    }
  } finally {
    for (const name of names) provider.removeBuffer(`${BASE}${name}`);
  }
}

const DATE_TIME = /: '([^']*)' is not a valid value of the atomic type 'xs:dateTime'/;

/**
 * libxml2 does not collapse the white space around an xsd:dateTime before it looks at it, as XML Schema (part 2,
 * section 4.3.6) demands; this does what it left out.
 */
function isDeviation({ message }: Detail): boolean {
  const [, value] = DATE_TIME.exec(message) ?? [];
  return value === undefined || parseValue("dateTime", normalizeSpace("dateTime", value)) === undefined;
}

/** Longer than what the longest of the contract's own lists of values needs; names are the caller's. */
const LONGEST_MESSAGE = 3_000;

/**
 * libxml2's message without the value that it complains about. The value comes before the first words of the verdict
 * that it cannot contain itself, so everything up to their last occurrence is cut.
 */
function withoutValues(message: string): string {
  return message
    .trim()
    .replace(
      /(Element '[^']*'(?:, attribute '[^']*')?: (?:\[facet '\w+'\] )?)(?:The value )?'.*' (is|has) /s,
      "$1The value $2 ",
    )
    .slice(0, LONGEST_MESSAGE);
}
