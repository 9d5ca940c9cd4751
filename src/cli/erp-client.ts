import { XmlDocument, XmlElement } from "libxml2-wasm";
import { elementNameOf } from "../contract/codec.ts";
import { NAMESPACES } from "../contract/generated/tables.ts";
import { type Clock, since, sleep } from "../lib/clock.ts";
import { SOAP_11 } from "../lib/soap-namespace.ts";
import { escapeXml } from "../lib/xml.ts";
import { SERVICES } from "../soap/routes.ts";
import { HttpClient } from "../transport/http-client.ts";
import type { ClientTls } from "../transport/http-targets.ts";

const { common: COMMON } = NAMESPACES;
/** Code of the fault that a result which is not there yet is answered with. */
const NOT_THERE = "405";
const FIRST_POLL_MS = 50;
const SLOWEST_POLL_MS = 2_000;
/** How long the service may take for one answer. */
const ANSWER_TIMEOUT_MS = 60_000;
const LONGEST_ANSWER = 1_073_741_824;
/** Less than the service keeps a connection for. */
const KEEP_ALIVE_MS = 4_000;

/** A SOAP document that cannot be sent, or an answer that is none; the message says which and why. */
export class ErpClientError extends Error {
  readonly code = "ERP_CLIENT";
}

/** One element with what is in it, freed from the document it came from. */
export interface Answered {
  /** Local name of the body's child: a response, or `Fault`. */
  readonly element: string;
  /** The whole message as it came. */
  readonly xml: string;
  /** Text of every leaf element below the body's child, in document order. */
  readonly leaves: readonly { readonly name: string; readonly text: string }[];
}

/** What was sent and accepted. */
export interface Accepted {
  readonly operation: string;
  readonly deviceIdentification: string;
  readonly correlationUid: string;
  /** From the first octet sent to the last one received. */
  readonly acceptMs: number;
  /** Asks for the result, once. */
  readonly poll: string;
  readonly path: string;
}

/** A fault instead of an acceptance. */
export interface Refused {
  readonly operation: string;
  readonly fault: Answered;
}

interface Outgoing {
  readonly path: string;
  readonly operation: string;
  readonly namespace: string;
  readonly headers: string;
  /** Name of the element that fetches the result. */
  readonly fetch: string;
}

function elementsOf(parent: XmlElement): XmlElement[] {
  const children: XmlElement[] = [];
  for (let node = parent.firstChild; node; node = node.next) if (node instanceof XmlElement) children.push(node);
  return children;
}

function parse(xml: string | Uint8Array, what: string): XmlDocument {
  try {
    return typeof xml === "string" ? XmlDocument.fromString(xml) : XmlDocument.fromBuffer(xml);
  } catch (cause) {
    throw new ErpClientError(`${what} is not well-formed XML: ${(cause as Error).message.trim()}`, { cause });
  }
}

function withDocument<T>(xml: string | Uint8Array, what: string, use: (root: XmlElement) => T): T {
  const document = parse(xml, what);
  try {
    return use(document.root);
  } finally {
    document.dispose();
  }
}

function partOf(root: XmlElement, name: "Header" | "Body"): XmlElement | undefined {
  return elementsOf(root).find((part) => part.name === name && part.namespaceUri === SOAP_11);
}

/** Finds out where a request document goes, by the element in its body. */
function address(request: Uint8Array): Outgoing {
  return withDocument(request, "the document", (root) => {
    const payload = partOf(root, "Body") && elementsOf(partOf(root, "Body") as XmlElement)[0];
    if (!payload) throw new ErpClientError("the document is not a SOAP envelope with one element in its Body");
    const input = elementNameOf(payload.namespaceUri, payload.name);
    for (const service of SERVICES) {
      const operation = service.operations.find((candidate) => candidate.input === input);
      if (!operation) continue;
      const header = partOf(root, "Header");
      const headers = (header ? elementsOf(header) : [])
        .filter((block) => block.namespaceUri === COMMON && !/Schedule|Priority|Retry|Url/.test(block.name))
        .map((block) => `<com:${block.name}>${escapeXml(block.content)}</com:${block.name}>`)
        .join("");
      // What answers at once has none.
      const fetching = service.operations.find((other) => other.kind === "fetch" && other.request === operation.name);
      const fetch = fetching?.input.split(":")[1] ?? "";
      return { path: service.path, operation: operation.name, namespace: payload.namespaceUri, headers, fetch };
    }
    throw new ErpClientError(`no service takes {${payload.namespaceUri}}${payload.name}`);
  });
}

function readAnswer(xml: string): Answered {
  return withDocument(xml, "the answer", (root) => {
    const payload = partOf(root, "Body") && elementsOf(partOf(root, "Body") as XmlElement)[0];
    if (!payload) throw new ErpClientError("the answer is not a SOAP envelope");
    const leaves: { name: string; text: string }[] = [];
    const collect = (element: XmlElement): void => {
      const children = elementsOf(element);
      if (children.length === 0) leaves.push({ name: element.name, text: element.content });
      for (const child of children) collect(child);
    };
    collect(payload);
    return { element: payload.name, xml, leaves };
  });
}

/** An answer with one element per line, for people. */
export function formatAnswer({ xml }: Answered): string {
  const document = XmlDocument.fromString(xml);
  try {
    return document.toString({ format: true }).trimEnd();
  } finally {
    document.dispose();
  }
}

/** Text of the first leaf of that name, or undefined. */
export function leaf(answer: Answered, name: string): string | undefined {
  return answer.leaves.find((candidate) => candidate.name === name)?.text;
}

/** Who a document says that it is from; undefined when it does not. @throws ErpClientError when it is no XML */
export function organisationOf(request: Uint8Array): string | undefined {
  return withDocument(request, "the document", (root) => {
    const header = partOf(root, "Header");
    const block = header && elementsOf(header).find(({ name }) => name === "OrganisationIdentification");
    return block?.content.trim();
  });
}

/**
 * An ERP in small: sends request documents and polls for their results.
 * It does so over HTTP itself, not with the package `soap`: that makes the envelope itself, from values, while a document here
 * goes out to the octet as its author wrote it, headers, faults against the schema and all.
 */
export class ErpClient {
  readonly #baseUrl: string;
  readonly #clock: Clock;
  readonly #http: HttpClient;

  /**
   * @param baseUrl as `serve` prints it: `https://127.0.0.1:8080`
   * @param tls our certificate and whom to believe, for https
   */
  constructor(baseUrl: string, clock: Clock, tls?: ClientTls) {
    this.#baseUrl = baseUrl.replace(/\/$/, "");
    this.#clock = clock;
    this.#http = new HttpClient({ clock, tls, mostOctets: LONGEST_ANSWER, keepAliveMs: KEEP_ALIVE_MS });
  }

  /** Ends its connections. */
  close(): Promise<void> {
    return this.#http.close();
  }

  async #post(path: string, body: string | Uint8Array<ArrayBuffer>): Promise<Answered> {
    let answer: string;
    try {
      const response = await this.#http.request({
        method: "POST",
        url: new URL(this.#baseUrl + path),
        headers: { "content-type": "text/xml; charset=utf-8", SOAPAction: '""' },
        body,
        isAllowed: () => true,
        timeoutMs: ANSWER_TIMEOUT_MS,
      });
      answer = response.body;
    } catch (error) {
      const reason = (error as Error).message;
      const message = `no whole answer came from ${this.#baseUrl} (${reason}); does the service run there?`;
      throw new ErpClientError(message, { cause: error });
    }
    return readAnswer(answer);
  }

  /**
   * Sends a document and gives the answer, whatever it is.
   * @throws ErpClientError when it is no request of the contract or nothing answers
   */
  async ask(request: Uint8Array<ArrayBuffer>): Promise<Answered> {
    return this.#post(address(request).path, request);
  }

  /**
   * Sends a request document.
   * @throws ErpClientError when it is no request of the contract or nothing answers
   */
  async send(request: Uint8Array<ArrayBuffer>): Promise<Accepted | Refused> {
    const { path, operation, namespace, headers, fetch } = address(request);
    const sent = this.#clock.elapsed();
    const answer = await this.#post(path, request);
    const acceptMs = since(this.#clock, sent);
    const deviceIdentification = leaf(answer, "DeviceIdentification");
    const correlationUid = leaf(answer, "CorrelationUid");
    if (answer.element === "Fault" || !deviceIdentification || !correlationUid) return { operation, fault: answer };
    const poll =
      `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="${SOAP_11}" xmlns:com="${COMMON}" xmlns:sm="${namespace}">` +
      `<soapenv:Header>${headers}</soapenv:Header><soapenv:Body><sm:${fetch}>` +
      `<com:DeviceIdentification>${escapeXml(deviceIdentification)}</com:DeviceIdentification>` +
      `<com:CorrelationUid>${escapeXml(correlationUid)}</com:CorrelationUid>` +
      `</sm:${fetch}></soapenv:Body></soapenv:Envelope>`;
    return { operation, deviceIdentification, correlationUid, acceptMs, poll, path };
  }

  /** Asks for a result once; undefined while it is not there. */
  async fetchResult(accepted: Accepted): Promise<Answered | undefined> {
    const answer = await this.#post(accepted.path, accepted.poll);
    return leaf(answer, "Code") === NOT_THERE ? undefined : answer;
  }

  /**
   * Polls, ever more slowly, until the result is there.
   * @returns undefined when it is not there after `timeoutMs`
   */
  async waitForResult(accepted: Accepted, timeoutMs: number): Promise<Answered | undefined> {
    const begun = this.#clock.elapsed();
    for (let waitMs = FIRST_POLL_MS; ; waitMs = Math.min(waitMs * 1.5, SLOWEST_POLL_MS)) {
      const answer = await this.fetchResult(accepted);
      if (answer || since(this.#clock, begun) + waitMs > timeoutMs) return answer;
      await sleep(this.#clock, waitMs);
    }
  }
}
