import type { ElementName } from "../../src/contract/generated/index.ts";
import type { OperationKind, Service, ServiceOperation } from "../../src/contract/tables.ts";
import { childrenNamed, readXml, required, resolveQName, type XmlNode } from "./xml.ts";
import type { SchemaSet } from "./xsd.ts";

/** Reads one WSDL file: the single service in it and its operations, in the order of the port type. */
export function readService(file: string, text: string, schemas: SchemaSet): Service {
  const definitions = readXml(text);
  const portType = only(definitions, "portType");
  const port = only(only(definitions, "service"), "port");
  const elements = messageElements(definitions, schemas);
  const operations = childrenNamed(portType, "operation").map((node): ServiceOperation => {
    const input = elementOf(node, "input", elements);
    const output = elementOf(node, "output", elements);
    return { name: required(node, "name"), kind: kindOf(input, output), input, output };
  });
  const requests = new Map(operations.filter((op) => op.kind === "request").map((op) => [subject(op.output), op.name]));
  return {
    name: required(definitions, "name"),
    wsdl: file,
    namespace: required(definitions, "targetNamespace"),
    path: new URL(required(only(port, "address"), "location")).pathname,
    portType: required(portType, "name"),
    binding: required(only(definitions, "binding"), "name"),
    operations: operations.map((operation) => {
      const request = operation.kind === "fetch" ? requests.get(subject(operation.input)) : undefined;
      return request ? { ...operation, request } : operation;
    }),
  };
}

function only(node: XmlNode, name: string): XmlNode {
  const [found, ...more] = childrenNamed(node, name);
  if (!found || more.length > 0) throw new Error(`<${node.name}> must hold exactly one <${name}>`);
  return found;
}

/** Message name → element of its only part. */
function messageElements(definitions: XmlNode, schemas: SchemaSet): Map<string, ElementName> {
  const names = new Map(schemas.schemas.map((schema) => [schema.namespace, schema.name]));
  return new Map(
    childrenNamed(definitions, "message").map((message) => {
      const part = only(message, "part");
      const { namespace, local } = resolveQName(part, required(part, "element"));
      const element = `${names.get(namespace)}:${local}`;
      schemas.elementType(element);
      return [required(message, "name"), element as ElementName];
    }),
  );
}

function elementOf(operation: XmlNode, direction: "input" | "output", elements: Map<string, ElementName>): ElementName {
  const node = only(operation, direction);
  const { local } = resolveQName(node, required(node, "message"));
  const element = elements.get(local);
  if (!element) throw new Error(`${required(operation, "name")}: no message ${local}`);
  return element;
}

/** The contract's naming: what is answered with …AsyncResponse is fetched with …AsyncRequest. */
function kindOf(input: string, output: string): OperationKind {
  if (output.endsWith("AsyncResponse")) return "request";
  return input.endsWith("AsyncRequest") ? "fetch" : "sync";
}

/**
 * What request and fetch have in common: `sm-adhoc:synchronizetime` of either's asynchronous element. In small letters,
 * because the contract writes one of its subjects in two ways (DecoupleMBus…, DecoupleMbus…).
 */
function subject(element: string): string {
  return element.replace(/Async(Request|Response)$/, "").toLowerCase();
}
