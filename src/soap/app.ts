import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import express from "express";
import { SERVICES, type Service } from "../contract/operations.ts";
import { loadSchemas } from "../contract/schema.ts";
import type { Clock } from "../lib/clock.ts";
import { AnswerWriter } from "./answer.ts";
import { CallerGone, HttpRefusal, readBody } from "./body.ts";
import { Exchange, type SoapAnswer } from "./exchange.ts";
import { errorFault, SoapFault } from "./fault.ts";
import type { MessageLogPort, RequestsPort, SoapLogger } from "./ports.ts";
import { Routes } from "./routes.ts";
import { type ContractDocuments, loadContractDocuments, parentPath } from "./wsdl.ts";

/** What the SOAP front needs from the rest of the service. */
export interface SoapDeps {
  readonly requests: RequestsPort;
  readonly messageLog: MessageLogPort;
  readonly logger: SoapLogger;
  readonly clock: Clock;
  /** Address that callers see, without path; asked whenever a WSDL is served. */
  readonly publicUrl: () => string;
  /** Largest message in octets, before and after decompression. */
  readonly maxBodyBytes: number;
  /** Check every answer against the schema before it leaves. */
  readonly validateResponses: boolean;
}

/** Milliseconds for the body to arrive and, after that, for the answer to be there. */
const BODY_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 30_000;
/** Messages handled at the same time: bounds the memory that bodies can take. */
const MOST_AT_ONCE = 1_000;

const XML_TYPE = "text/xml; charset=utf-8";
const TEXT_TYPE = "text/plain; charset=utf-8";

/** The deployment's part of the path, which the alias paths go without. */
const DEPLOYMENT = "/osgp-adapter-ws-smartmetering";

function send(response: ServerResponse, status: number, type: string, body: Uint8Array, headers = {}): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { "content-type": type, "content-length": body.byteLength, ...headers });
  response.end(body);
}

function sendText(response: ServerResponse, status: number, text: string, headers = {}): void {
  send(response, status, TEXT_TYPE, Buffer.from(`${text}\n`), headers);
}

/**
 * Whether it is SOAP 1.1 that comes (WS-I BP 1.1, R1132).
 * @returns the `charset` parameter, if any
 * @throws HttpRefusal 415; SoapFault VersionMismatch for the media type of SOAP 1.2
 */
function checkContentType(header: string | undefined): string | undefined {
  const [type = "", ...parameters] = (header ?? "").split(";").map((part) => part.trim());
  if (type.toLowerCase() === "application/soap+xml") {
    throw new SoapFault("VersionMismatch", "The message is SOAP 1.2; this service speaks SOAP 1.1 with text/xml");
  }
  if (type.toLowerCase() !== "text/xml") throw new HttpRefusal(415, "Send SOAP 1.1 with Content-Type text/xml");
  const charset = parameters.find((parameter) => /^charset\s*=/i.test(parameter));
  return charset?.replace(/^charset\s*=\s*"?|"$/gi, "");
}

/** Serves one service's POST requests. */
class Endpoint {
  readonly #deps: SoapDeps;
  readonly #writer: AnswerWriter;
  readonly #exchange: Exchange;
  /** Shared by all services. */
  readonly #load: { running: number };

  constructor(service: Service, deps: SoapDeps, writer: AnswerWriter, load: { running: number }) {
    this.#deps = deps;
    this.#writer = writer;
    this.#exchange = new Exchange(service.name, new Routes(service), writer, deps);
    this.#load = load;
  }

  async post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#load.running += 1;
    try {
      if (this.#load.running > MOST_AT_ONCE) throw new HttpRefusal(503, "Too many messages at once; send again");
      const charset = checkContentType(request.headers["content-type"]);
      const limits = { maxBodyBytes: this.#deps.maxBodyBytes, bodyTimeoutMs: BODY_TIMEOUT_MS };
      const bytes = await readBody(request, limits, this.#deps.clock);
      const soapAction = String(request.headers.soapaction ?? "").replace(/^\s*"|"\s*$/g, "");
      const answer = await this.#inTime(this.#exchange.answer({ bytes, charset, soapAction }));
      send(response, answer.status, XML_TYPE, answer.bytes);
    } catch (error) {
      this.#sendRefusal(error, response);
    } finally {
      this.#load.running -= 1;
    }
  }

  /** Gives up waiting when the answer takes too long; the work goes on and its result can be fetched. */
  #inTime(answer: Promise<SoapAnswer>): Promise<SoapAnswer> {
    return new Promise((resolve, reject) => {
      const cancel = this.#deps.clock.after(ANSWER_TIMEOUT_MS, () => {
        const fault = errorFault({ code: "SERVICE_BUSY", message: "The message could not be handled in time" });
        resolve({ status: fault.httpStatus, bytes: this.#writer.fault(fault) });
      });
      answer.finally(cancel).then(resolve, reject);
    });
  }

  #sendRefusal(error: unknown, response: ServerResponse): void {
    if (error instanceof CallerGone) return;
    // What is left of the message is read and thrown away by node:http, so that the caller gets to the answer.
    if (error instanceof HttpRefusal) {
      sendText(response, error.status, error.message, error.headers);
      return;
    }
    const known = error instanceof SoapFault;
    if (!known) this.#deps.logger.error({ err: error }, "a message could not be answered");
    const fault = known ? error : errorFault({ code: "INTERNAL", message: "" });
    send(response, fault.httpStatus, XML_TYPE, this.#writer.fault(fault));
  }
}

function sendDocument(documents: ContractDocuments, service: Service, query: string, response: ServerResponse): void {
  if (/^wsdl(=|&|$)/i.test(query)) send(response, 200, XML_TYPE, Buffer.from(documents.wsdl(service)));
  else if (/^singlewsdl(=|&|$)/i.test(query)) send(response, 200, XML_TYPE, Buffer.from(documents.singleWsdl(service)));
  else {
    const { name, path } = service;
    sendText(
      response,
      200,
      `${name} takes SOAP 1.1 requests by POST. ${path}?wsdl describes it, ?singlewsdl in one file.`,
    );
  }
}

/**
 * The SOAP front, over an express application: for each service its path, with and without the slash at the end and
 * without the deployment's part, and the schemas beside them. Other paths are answered with where the services are.
 */
export function createSoapApp(deps: SoapDeps): RequestListener {
  loadSchemas();
  const app = express();
  app.disable("x-powered-by");
  const documents = loadContractDocuments(deps.publicUrl);
  const writer = new AnswerWriter(deps.validateResponses);
  const load = { running: 0 };
  const endpoints = new Map<string, { service: Service; endpoint: Endpoint }>();
  for (const service of SERVICES) {
    const endpoint = new Endpoint(service, deps, writer, load);
    for (const path of withAlias(service.path)) endpoints.set(pathKey(path), { service, endpoint });
  }
  app.use((request, response, next) => {
    const found = endpoints.get(pathKey(request.path));
    if (!found) return next();
    if (request.method === "POST") return found.endpoint.post(request, response);
    if (request.method === "GET" || request.method === "HEAD") {
      return sendDocument(documents, found.service, request.url.split("?")[1] ?? "", response);
    }
    return sendText(response, 405, "Send SOAP requests by POST", { allow: "GET, HEAD, POST" });
  });
  for (const folder of new Set(SERVICES.map(parentPath))) {
    for (const [file, text] of documents.schemas) {
      app.get(withAlias(`${folder}xsd/${file}`), (_request, response) =>
        send(response, 200, XML_TYPE, Buffer.from(text)),
      );
    }
  }
  const paths = SERVICES.map(({ path }) => path).join("\n");
  app.use((_request, response) => sendText(response, 404, `Nothing is here. The SOAP services are at\n${paths}`));
  const giveUp = (error: unknown, response: ServerResponse) => {
    deps.logger.error({ err: error }, "an HTTP request could not be answered");
    sendText(response, 500, "Internal error");
  };
  // Four parameters make this express's last resort; its own would show a stack trace.
  app.use((error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) =>
    giveUp(error, response),
  );
  // A message needs nothing of what express prepares. A path that is written unusually, as a whole URL, gets there too.
  return (request, response) => {
    const endpoint = request.method === "POST" ? endpoints.get(pathKey(request.url ?? ""))?.endpoint : undefined;
    if (endpoint) endpoint.post(request, response).catch((error) => giveUp(error, response));
    else app(request, response);
  };
}

/** The path of a URL as express compares paths: in whatever case, with or without the slash at the end. */
function pathKey(url: string): string {
  const [path = ""] = url.split("?", 1);
  return (path.endsWith("/") ? path.slice(0, -1) : path).toLowerCase();
}

function withAlias(path: string): string[] {
  return path.startsWith(DEPLOYMENT) ? [path, path.slice(DEPLOYMENT.length)] : [path];
}
