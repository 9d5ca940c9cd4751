import { readdirSync, readFileSync } from "node:fs";
import type { ServiceName } from "./ports.ts";

/** Path of everything that the SOAP front serves; clients of the public contract have it built in. */
export const BASE_PATH = "/osgp-adapter-ws-smartmetering/smartMetering";

const FILES: Readonly<Record<ServiceName, string>> = {
  configuration: "SmartMeteringConfiguration.wsdl",
  adhoc: "SmartMeteringAdhoc.wsdl",
  common: "SmartMeteringCommon.wsdl",
};

/** The contract's documents as callers get them. */
export interface ContractDocuments {
  /** The WSDL with absolute links to its schemas. */
  wsdl(service: ServiceName): string;
  /** One document with every schema inside. */
  singleWsdl(service: ServiceName): string;
  /** A schema file by its name, `undefined` when there is none. Schemas name each other by bare file names. */
  xsd(file: string): string | undefined;
}

const IMPORT = /<xsd:import\s+namespace="([^"]+)"\s+schemaLocation="(?:\.\.\/xsd\/)?([^"/]+)"\s*\/>/g;
const TYPES = /<wsdl:types>[\s\S]*<\/wsdl:types>/;

/** The schemas that a WSDL needs, those it imports and those these import, each once. */
function closure(text: string, schemas: ReadonlyMap<string, string>, found = new Set<string>()): Set<string> {
  for (const [, , file = ""] of text.matchAll(IMPORT)) {
    if (found.has(file)) continue;
    found.add(file);
    closure(schemas.get(file) ?? "", schemas, found);
  }
  return found;
}

function inline(schema: string): string {
  return schema.replace(/^<\?xml[^>]*\?>\s*/, "").replace(IMPORT, '<xsd:import namespace="$1"/>');
}

/**
 * Reads WSDLs and schemas from the package once.
 * @param publicUrl address that callers see, asked at each use because a port may be known only after listening. Never
 * taken from the Host header: who can set that for another caller would direct its keys elsewhere.
 */
export function loadContractDocuments(publicUrl: () => string): ContractDocuments {
  const read = (folder: string, file: string) =>
    readFileSync(new URL(`../../${folder}/${file}`, import.meta.url), "utf8");
  const schemas = new Map(
    readdirSync(new URL("../../xsd/", import.meta.url))
      .filter((file) => file.endsWith(".xsd"))
      .map((file) => [file, read("xsd", file)]),
  );
  const wsdls = new Map(Object.entries(FILES).map(([service, file]) => [service, read("wsdl", file)]));
  const addressed = (service: ServiceName) =>
    (wsdls.get(service) ?? "").replace(
      /(<soap:address\s+location=")https?:\/\/[^/"]+/,
      (_, start: string) => start + publicUrl().replace(/\/+$/, ""),
    );
  return {
    wsdl: (service) =>
      addressed(service).replace(
        /schemaLocation="\.\.\/xsd\//g,
        () => `schemaLocation="${publicUrl().replace(/\/+$/, "")}${BASE_PATH}/xsd/`,
      ),
    singleWsdl: (service) => {
      const text = addressed(service);
      const types = [...closure(text, schemas)].map((file) => inline(schemas.get(file) ?? "")).join("");
      return text.replace(TYPES, () => `<wsdl:types>\n${types}</wsdl:types>`);
    },
    xsd: (file) => schemas.get(file),
  };
}
