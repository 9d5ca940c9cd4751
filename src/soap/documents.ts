import { readdirSync, readFileSync } from "node:fs";
import { CONTRACT_SERVICES, type Service } from "../contract/codec.ts";
import { WSDL_FOLDER, XSD_FOLDER } from "../contract/schema.ts";
import { SERVICES } from "./routes.ts";

/** The contract's documents as callers get them. */
export interface ContractDocuments {
  /** The WSDL with absolute links to its schemas. */
  wsdl(service: Service): string;
  /** One document with every schema inside. */
  singleWsdl(service: Service): string;
  /**
   * Every document that has a path of its own. Schemas are as they are in the package, they link to each other by bare
   * file names: in the folder that our WSDLs point to, and where the public platform has WSDL and schemas, beside each
   * service and beside them all.
   */
  readonly files: ReadonlyMap<string, () => string>;
}

const IMPORT = /<xsd:import\s+namespace="([^"]+)"\s+schemaLocation="(?:\.\.\/xsd\/)?([^"/]+)"\s*\/>/g;
const SCHEMA_LINK = /(schemaLocation=")\.\.\/(xsd\/)/g;
const ADDRESS = /(<soap:address\s+location=")https?:\/\/[^/"]+/;
const TYPES = /<wsdl:types>[\s\S]*<\/wsdl:types>/;

/** The schemas that a document needs: those it imports and those that these import, each once. */
function imported(text: string, schemas: ReadonlyMap<string, string>, found = new Set<string>()): Set<string> {
  for (const [, , file = ""] of text.matchAll(IMPORT)) {
    if (found.has(file)) continue;
    found.add(file);
    imported(schemas.get(file) ?? "", schemas, found);
  }
  return found;
}

function inline(schema: string): string {
  return schema.replace(/^<\?xml[^>]*\?>\s*/, "").replace(IMPORT, '<xsd:import namespace="$1"/>');
}

function read(folder: URL, file: string): string {
  return readFileSync(new URL(file, folder), "utf8");
}

/** The folder that holds the services, above every path of theirs: `/osgp-adapter-ws-smartmetering/smartMetering/`. */
function parentPath(service: Service): string {
  return service.path.replace(/[^/]+\/$/, "");
}

/**
 * Reads WSDLs and schemas from the package once.
 * @param publicUrl address that callers see, asked at each use because the port may be known only after listening. It
 * is never taken from the Host header: whoever can set that for another caller would direct its keys elsewhere.
 */
export function loadContractDocuments(publicUrl: () => string): ContractDocuments {
  const schemaFiles = readdirSync(XSD_FOLDER).filter((file) => file.endsWith(".xsd"));
  const schemas = new Map(schemaFiles.map((file) => [file, read(XSD_FOLDER, file)]));
  const wsdls = new Map(CONTRACT_SERVICES.map(({ wsdl }) => [wsdl, read(WSDL_FOLDER, wsdl)]));
  const base = () => publicUrl().replace(/\/+$/, "");
  const addressed = (service: Service) => {
    const text = wsdls.get(service.wsdl) ?? "";
    return SERVICES.includes(service) ? text.replace(ADDRESS, (_, start: string) => start + base()) : text;
  };
  const wsdl = (service: Service) =>
    addressed(service).replace(
      SCHEMA_LINK,
      (_, start: string, folder: string) => start + base() + parentPath(service) + folder,
    );
  const files = new Map<string, () => string>();
  for (const service of CONTRACT_SERVICES) {
    const parent = parentPath(service);
    for (const folder of [parent, service.path]) files.set(folder + service.wsdl, () => wsdl(service));
    for (const folder of [`${parent}xsd/`, `${parent}schemas/`, `${service.path}schemas/`]) {
      for (const [file, text] of schemas) files.set(folder + file, () => text);
    }
  }
  return {
    wsdl,
    singleWsdl: (service) => {
      const text = addressed(service);
      const types = [...imported(text, schemas)].map((file) => inline(schemas.get(file) ?? "")).join("");
      return text.replace(TYPES, () => `<wsdl:types>\n${types}</wsdl:types>`);
    },
    files,
  };
}
