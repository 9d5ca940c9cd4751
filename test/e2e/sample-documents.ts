import { readdirSync } from "node:fs";
import { XmlDocument, type XmlElement } from "libxml2-wasm";
import { readSample } from "../../src/cli/demo-fleet.ts";
import { elementNameOf, type Service } from "../../src/contract/codec.ts";
import { SERVICES } from "../../src/soap/routes.ts";

/** Stands in a sample for a correlation UID that only a running service can tell. */
export const UID_PLACEHOLDER = "00000000000000000000000000000000";

/** A document of the folder `samples`, and where it goes. */
export interface SampleDocument {
  readonly name: string;
  readonly service: Service;
  readonly operation: string;
  /** The operation that fetches the result; null for what answers at once. */
  readonly fetch: string | null;
  readonly text: string;
}

/** All documents; those that are about an earlier request come last. */
export function sampleDocuments(): SampleDocument[] {
  const names = readdirSync(new URL("../../samples/", import.meta.url)).filter((name) => name.endsWith(".xml"));
  const documents = names.map((name) => toDocument(name, Buffer.from(readSample(name)).toString()));
  const isLater = ({ text }: SampleDocument) => Number(text.includes(UID_PLACEHOLDER));
  return documents.sort((a, b) => isLater(a) - isLater(b));
}

function toDocument(name: string, text: string): SampleDocument {
  const document = XmlDocument.fromString(text);
  try {
    const [payload] = document.find("/*/*[local-name()='Body']/*") as XmlElement[];
    const input = elementNameOf(payload!.namespaceUri, payload!.name);
    for (const service of SERVICES) {
      const operation = service.operations.find((candidate) => candidate.input === input);
      if (!operation) continue;
      const fetching = service.operations.find(({ kind, request }) => kind === "fetch" && request === operation.name);
      return { name, service, operation: operation.name, fetch: fetching?.name ?? null, text };
    }
    throw new RangeError(`no service takes ${name}`);
  } finally {
    document.dispose();
  }
}

/** How many operations of a service a client must have had answered without a fault; small services have no more than one. */
export function leastAnswered(service: Service): number {
  const asked = service.operations.filter(({ kind }) => kind !== "fetch").length;
  return Math.min(3, asked);
}
