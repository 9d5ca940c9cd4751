import type { IncomingMessage, ServerResponse } from "node:http";
import { CONTRACT_SERVICES, type Service } from "../contract/codec.ts";
import { type HttpApp, newRouter, pathKey, send, sendParts, sendText, splitTarget } from "../http/app.ts";
import { Intake } from "../http/intake.ts";
import type { Peers } from "../http/peers.ts";
import { Quota } from "../http/quota.ts";
import { BodyRefusal, CallerGone, HttpRefusal } from "../http/refusal.ts";
import { sourceOf } from "../http/source.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { AnswerWriter } from "./answer.ts";
import { requireSoap } from "./content-type.ts";
import { type ContractDocuments, loadContractDocuments } from "./documents.ts";
import { errorFault, SoapFault } from "./fault.ts";
import { Log } from "./log.ts";
import { openMultipart } from "./multipart.ts";
import { Pipeline } from "./pipeline.ts";
import { PollLog } from "./poll-log.ts";
import type { CallersPort, MessageLogPort, RequestsPort } from "./ports.ts";
import { RefusalBudget } from "./refusal-budget.ts";
import { Routes, SERVICES } from "./routes.ts";
import type { Security } from "./security/security.ts";
import { signpost } from "./signpost.ts";

/** What the SOAP front needs from the rest of the service. */
export interface SoapDeps {
  readonly requests: RequestsPort;
  readonly messageLog: MessageLogPort;
  readonly callers: CallersPort;
  readonly peers: Pick<Peers, "of">;
  readonly security: Security;
  readonly logger: Pick<Logger, "debug" | "warn" | "error">;
  /** Told of each message that is answered with a fault, by the name of the error, or its fault code. */
  readonly onRefused?: ((code: string) => void) | undefined;
  readonly clock: Clock;
  /** Address that callers see, without path; asked whenever a WSDL is served. */
  readonly publicUrl: () => string;
  /** Largest message in octets, before and after decompression. */
  readonly maxBodyBytes: number;
  /** Check every answer against the schema before it leaves. */
  readonly validateResponses: boolean;
}

/** The SOAP front under an HTTP host. */
export interface SoapApp extends HttpApp {
  /** Writes what the log has still to get; nothing may come in any more. */
  close(): Promise<void>;
}

/** Answers that are sent part by part at the same time; each holds up to some 12 MB. */
const LONG_ANSWERS = { inAll: 64, perSource: 16 };

const XML_TYPE = "text/xml; charset=utf-8";

/** Takes messages for one service over HTTP. */
class Endpoint {
  readonly #intake: Intake;
  readonly #pipeline: Pipeline;
  readonly #peers: Pick<Peers, "of">;
  readonly #logger: Pick<Logger, "debug" | "warn" | "error">;
  readonly #clock: Clock;

  constructor(
    intake: Intake,
    pipeline: Pipeline,
    { peers, logger, clock }: Pick<SoapDeps, "peers" | "logger" | "clock">,
  ) {
    this.#intake = intake;
    this.#pipeline = pipeline;
    this.#peers = peers;
    this.#logger = logger;
    this.#clock = clock;
  }

  async post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const source = sourceOf(request.socket);
    const peer = this.#peers.of(request);
    try {
      const contentType = requireSoap(request.headers["content-type"]);
      const answer = await this.#intake.run(request, source, (body) => {
        const { bytes, charset } = openMultipart(body, contentType);
        return this.#pipeline.answer({ bytes, charset, source, peer });
      });
      if (answer.rest) await this.#sendParts(response, answer.bytes, answer.rest);
      else send(response, answer.status, XML_TYPE, answer.bytes, answer.headers);
    } catch (error) {
      if (error instanceof HttpRefusal || error instanceof CallerGone) throw error;
      const answer = await this.#pipeline.refuseUnread(this.#faultOf(error), { source, peer });
      // What is left of the message is read and thrown away by node:http, so that the caller gets to the answer.
      send(response, answer.status, XML_TYPE, answer.bytes);
    }
  }

  /** What goes wrong in the middle of an answer can only be told to the operator: the caller gets it cut short. */
  async #sendParts(response: ServerResponse, first: Uint8Array, rest: AsyncGenerator<Uint8Array, void>): Promise<void> {
    try {
      await sendParts(response, XML_TYPE, first, rest, this.#clock);
    } catch (err) {
      this.#logger.error({ err }, "a long answer was broken off");
    }
  }

  #faultOf(error: unknown): SoapFault {
    if (error instanceof SoapFault) return error;
    if (error instanceof BodyRefusal) return new SoapFault("Client", error.message);
    this.#logger.error({ err: error }, "a message could not be answered");
    return errorFault(error);
  }
}

/** What happens to a request for one path. */
type PathHandler = (request: IncomingMessage, response: ServerResponse, query: string) => void | Promise<void>;

/** The deployment's part of the path, which the alias paths go without. */
const DEPLOYMENT = "/osgp-adapter-ws-smartmetering";

function withAlias(path: string): string[] {
  return path.startsWith(DEPLOYMENT) ? [path, path.slice(DEPLOYMENT.length)] : [path];
}

/**
 * The SOAP front: for each service its path, with and without the slash at the end and without the deployment's part, and
 * the contract's documents beside them.
 */
export function createSoapApp(deps: SoapDeps): SoapApp {
  const { callers, clock, logger, messageLog, requests, security } = deps;
  const documents = loadContractDocuments(deps.publicUrl);
  const writer = new AnswerWriter(deps.validateResponses, clock);
  const intake = new Intake(deps.maxBodyBytes, clock);
  const polls = new PollLog(messageLog, clock, logger);
  const longAnswers = new Quota(LONG_ANSWERS);
  const shared = { polls, budget: new RefusalBudget(clock, logger) };
  const router = newRouter();
  // One look into a table: a route for each path would be a hundred expressions to try for whatever comes.
  const handlers = new Map<string, PathHandler>();
  const serve = (path: string, handler: PathHandler) => {
    for (const each of withAlias(path)) handlers.set(pathKey(each), handler);
  };
  for (const [path, text] of documents.files) serve(path, fileHandler(text));
  for (const service of SERVICES) {
    const log = new Log(service.name, deps, shared);
    const front = { service: service.name, requests, callers, security, writer, log, longAnswers };
    const pipeline = new Pipeline(front, new Routes(service), logger, clock, deps.onRefused);
    serve(service.path, serviceHandler(service, new Endpoint(intake, pipeline, deps), documents));
  }
  for (const service of CONTRACT_SERVICES) {
    if (!SERVICES.includes(service)) serve(service.path, calledHandler(service, documents));
  }
  router.use((request, response, next) => {
    const { path, query } = splitTarget(request.url);
    const handler = handlers.get(path);
    return handler ? handler(request, response, query) : next();
  });
  return { router, signpost, close: () => polls.close() };
}

function serviceHandler(service: Service, endpoint: Endpoint, documents: ContractDocuments): PathHandler {
  return (request, response, query) => {
    if (request.method === "POST") return endpoint.post(request, response);
    if (isRead(request)) return sendDocument(response, documentOf(documents, service, query));
    refuseMethod(response, "GET, HEAD, POST");
  };
}

/** A service that callers offer and the platform calls: what they make theirs from is here. */
function calledHandler(service: Service, documents: ContractDocuments): PathHandler {
  const { name, path } = service;
  const text = `${name} is a service of callers, which is called when there is something to fetch. ${path}?wsdl describes it.`;
  return (request, response, query) => {
    if (!isRead(request)) refuseMethod(response, "GET, HEAD", text);
    else sendDocument(response, describing(documents, service, query) ?? text);
  };
}

function fileHandler(text: () => string): PathHandler {
  return (request, response) => {
    if (isRead(request)) return sendDocument(response, text());
    refuseMethod(response, "GET, HEAD");
  };
}

function isRead({ method }: IncomingMessage): boolean {
  return method === "GET" || method === "HEAD";
}

function refuseMethod(response: ServerResponse, allow: string, text = "Send SOAP requests by POST"): void {
  sendText(response, 405, text, { allow });
}

/** What a service has to read. */
function documentOf(documents: ContractDocuments, service: Service, query: string): string {
  const { name, path } = service;
  const text = `${name} takes SOAP 1.1 requests by POST. ${path}?wsdl describes it, ?singlewsdl in one file.`;
  return describing(documents, service, query) ?? text;
}

/** Undefined when nothing of that is asked for. */
function describing(documents: ContractDocuments, service: Service, query: string): string | undefined {
  if (/^wsdl(=|&|$)/i.test(query)) return documents.wsdl(service);
  if (/^singlewsdl(=|&|$)/i.test(query)) return documents.singleWsdl(service);
  return undefined;
}

function sendDocument(response: ServerResponse, text: string): void {
  if (text.startsWith("<")) send(response, 200, XML_TYPE, Buffer.from(text));
  else sendText(response, 200, text);
}
