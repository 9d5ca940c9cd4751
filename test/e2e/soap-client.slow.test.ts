import assert from "node:assert/strict";
import { type Client, createClientAsync } from "soap";
import { NAMESPACES } from "../../src/contract/generated/tables.ts";
import { sleep, systemClock } from "../../src/lib/clock.ts";
import { SERVICES } from "../../src/soap/routes.ts";
import { startWorld, type World } from "./harness.ts";
import { leastAnswered, type SampleDocument, sampleDocuments, UID_PLACEHOLDER } from "./sample-documents.ts";

const HEADERS = { OrganisationIdentification: "test-org", UserName: "demo", ApplicationName: "ERP" };
const NOT_THERE = "405";

/** What the package reads an empty element and a time as, it does not write as such: it would send nil and a time in words. */
function writable(value: unknown): unknown {
  if (value === null) return {};
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(writable);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, writable(each)]));
}

describe("a client that the package soap makes", () => {
  let world: World;
  const clients = new Map<string, Client>();
  const finished: string[] = [];
  before(async () => {
    world = await startWorld({}, { hasOthers: true });
  });
  after(() => world.stop());

  async function clientOf({ service }: SampleDocument): Promise<Client> {
    const known = clients.get(service.name);
    if (known) return known;
    const client = await createClientAsync(`${world.service.baseUrl}${service.path}?wsdl`);
    for (const [name, value] of Object.entries(HEADERS)) {
      client.addSoapHeader(`<com:${name} xmlns:com="${NAMESPACES.common}">${value}</com:${name}>`);
    }
    clients.set(service.name, client);
    return client;
  }

  /** The document's values as the client reads them by its WSDL, sent as it writes them, and the answer likewise. */
  async function ask(document: SampleDocument): Promise<Record<string, unknown>> {
    const client = await clientOf(document);
    const text = finished[0] ? document.text.replace(UID_PLACEHOLDER, finished[0]) : document.text;
    const { Body } = client.wsdl.xmlToObject(text) as { Body: Record<string, object> };
    const [values] = Object.values(Body);
    const call = async (operation: string, given: object | undefined) =>
      ((await client[`${operation}Async`](given ?? {})) as [Record<string, unknown>])[0];
    const answer = await call(document.operation, writable(values) as object | undefined);
    if (document.fetch === null) return answer;
    const { DeviceIdentification, CorrelationUid } = answer;
    for (;;) {
      try {
        const result = await call(document.fetch, { DeviceIdentification, CorrelationUid });
        finished.push(CorrelationUid as string);
        return result;
      } catch (error) {
        if (!String((error as { body?: string }).body).includes(`Code>${NOT_THERE}<`)) throw error;
        await sleep(systemClock, 10);
      }
    }
  }

  it("reads every served WSDL, asks at least three operations of each service, and understands the answers", async () => {
    const answered = new Map<string, Set<string>>();
    const faults: string[] = [];
    for (const document of sampleDocuments()) {
      const { name, service, operation } = document;
      const operations = answered.get(service.name) ?? new Set();
      answered.set(service.name, operations);
      try {
        await ask(document);
        operations.add(operation);
      } catch (error) {
        faults.push(`${name}: ${(error as Error).message.slice(0, 300)}`);
      }
    }
    const refused = faults.filter((fault) => fault.includes("Validation error"));
    assert.deepEqual(refused, []);
    for (const service of SERVICES) {
      const operations = answered.get(service.name) ?? new Set();
      const text = `${service.name}: ${[...operations]}; ${faults.join("; ")}`;
      assert.ok(operations.size >= leastAnswered(service), text);
    }
  });
});
