import type { ElementName, ElementTypes } from "../contract/codec.ts";
import { fromPushedAlarm } from "../contract/operations/push-notification-alarm.ts";
import type { WireForm } from "../contract/operations/wire-form.ts";
import { type ErrorRecord, MetergateError, toErrorRecord } from "../domain/errors.ts";
import type { RequestOutcome } from "../domain/request.ts";
import type { AnswerWriter } from "./answer.ts";
import { type Charset, charsetOf } from "./encoding.ts";
import { errorFault, SoapFault } from "./fault.ts";
import type { RequestHeaders } from "./headers.ts";
import { type UnderstoodMessage, understand } from "./message.ts";
import type { MessageLogPort, RequestsPort, SoapLogger } from "./ports.ts";
import { REDACTION_MARK, redact } from "./redact.ts";
import type { Route, Routes } from "./routes.ts";

/** A message as it came over HTTP, decompressed. */
export interface SoapMessage {
  readonly bytes: Buffer;
  /** `charset` of the content type, if any. */
  readonly charset: string | undefined;
  /** SOAPAction without its quotes. */
  readonly soapAction: string;
}

/** What goes back: an HTTP status and an envelope. */
export interface SoapAnswer {
  readonly status: number;
  readonly bytes: Uint8Array;
}

/** What is known of a message while it is handled, for its log entries. */
interface Trace {
  charset?: Charset;
  /** Name in the WSDL; empty as long as it is not known. */
  operation: string;
  caller?: RequestHeaders["caller"];
  device?: string;
  correlationUid?: string;
}

const DELETED_TEXT = "response data has been deleted";
/** In place of a message that cannot be decoded: it could hide a secret anywhere. */
const UNREADABLE = { body: Buffer.from(REDACTION_MARK), count: 1 };

/** One service: takes a message, gives the answer, and sees to it that the log has both before anybody gets it. */
export class Exchange {
  readonly #service: string;
  readonly #routes: Routes;
  readonly #requests: RequestsPort;
  readonly #messageLog: MessageLogPort;
  readonly #logger: SoapLogger;
  readonly #writer: AnswerWriter;

  constructor(
    service: string,
    routes: Routes,
    writer: AnswerWriter,
    ports: { readonly requests: RequestsPort; readonly messageLog: MessageLogPort; readonly logger: SoapLogger },
  ) {
    this.#service = service;
    this.#routes = routes;
    this.#writer = writer;
    this.#requests = ports.requests;
    this.#messageLog = ports.messageLog;
    this.#logger = ports.logger;
  }

  /** Whatever goes wrong is answered with a fault; rejects only when not even that can be written. */
  async answer(message: SoapMessage): Promise<SoapAnswer> {
    const trace: Trace = { operation: "" };
    try {
      const charset = charsetOf(message.bytes, message.charset);
      trace.charset = charset;
      const understood = understand(message.bytes, charset, message.soapAction, this.#routes, (route, headers) => {
        trace.operation = route.name;
        trace.caller = headers.caller;
      });
      if (understood.route.kind === "request") {
        return await this.#accept(understood, understood.route.form, message.bytes, charset, trace);
      }
      const bytes = await this.#reply(understood, understood.route, trace);
      await this.#log(message, trace, bytes);
      return { status: 200, bytes };
    } catch (error) {
      return this.#refuse(error, message, trace);
    }
  }

  /** The request becomes durable and both messages are logged in one transaction, which `accept` is. */
  async #accept(
    { route, content, ...headers }: UnderstoodMessage,
    form: WireForm,
    bytes: Buffer,
    charset: Charset,
    trace: Trace,
  ): Promise<SoapAnswer> {
    const { device, action } = form.toAction(content as never);
    trace.device = device;
    const { response } = await this.#requests.accept({
      ...headers,
      operation: form.operation.name,
      device,
      actions: [action],
      message: { service: this.#service, bytes, redacted: redact(bytes, charset) },
      respond: (correlationUid) =>
        this.#writer.response(
          route.output,
          elementValue({ DeviceIdentification: device, CorrelationUid: correlationUid }),
        ),
    });
    return { status: 200, bytes: response };
  }

  async #reply(
    { caller, content }: UnderstoodMessage,
    route: Exclude<Route, { kind: "request" }>,
    trace: Trace,
  ): Promise<Buffer> {
    if (route.kind === "delete-response-data") {
      const { correlationUid } = content as ElementTypes["sm-common:DeleteResponseDataRequest"];
      trace.correlationUid = correlationUid;
      await this.#requests.deleteResponseData({ caller, correlationUid });
      return this.#writer.response(route.output, elementValue({ Result: "OK", resultString: DELETED_TEXT }));
    }
    const { DeviceIdentification: device, CorrelationUid: correlationUid } =
      content as ElementTypes["sm-configuration:GetKeysAsyncRequest"];
    trace.device = device;
    trace.correlationUid = correlationUid;
    if (route.kind === "fetch-alarm") {
      const alarm = await this.#requests.fetchAlarm({ caller, device, correlationUid });
      return this.#writer.response(route.output, elementValue(fromPushedAlarm(alarm)));
    }
    const { form } = route;
    const outcome = await this.#requests.fetch({ caller, operation: form.operation.name, device, correlationUid });
    return this.#writer.response(route.output, elementValue(responseOf(form, outcome)));
  }

  async #refuse(error: unknown, message: SoapMessage, trace: Trace): Promise<SoapAnswer> {
    const fault = this.#faultOf(error, trace);
    const bytes = this.#writer.fault(fault);
    try {
      await this.#log(message, trace, bytes);
    } catch (cause) {
      // The refusal changed nothing, so it may go out all the same; what is missing in the log is told here.
      this.#logger.error({ err: cause, operation: trace.operation }, "a refused message could not be logged");
    }
    return { status: fault.httpStatus, bytes };
  }

  #faultOf(error: unknown, { operation, correlationUid }: Trace): SoapFault {
    if (error instanceof SoapFault) return error;
    const record = toErrorRecord(error);
    if (record.code === "INTERNAL") {
      this.#logger.error(
        { err: error, service: this.#service, operation, correlationUid },
        "a message could not be answered",
      );
    }
    return errorFault(record);
  }

  async #log(message: SoapMessage, { charset, ...known }: Trace, answer: Buffer): Promise<void> {
    const common = { service: this.#service, ...known };
    const redacted = charset ? redact(message.bytes, charset) : UNREADABLE;
    await this.#messageLog.append(
      { ...common, direction: "in", body: message.bytes, redacted },
      { ...common, direction: "out", body: answer, redacted: redact(answer, "utf-8") },
    );
  }
}

/** Which element it is the value of is known at run time only; the encoder checks that it fits. */
function elementValue(value: object): ElementTypes[ElementName] {
  return value as ElementTypes[ElementName];
}

/**
 * The response for the outcome of a request with one action.
 * @throws SoapFault for an error of an operation whose errors are faults
 */
function responseOf(form: WireForm, outcome: RequestOutcome): object {
  const error = errorOf(outcome);
  if (error) {
    if (!form.toErrorResponse) throw errorFault(error);
    return form.toErrorResponse(error);
  }
  const [action] = "actions" in outcome ? outcome.actions : [];
  if (!action?.ok) throw new MetergateError("INTERNAL", "The request ended without an outcome");
  return form.toResponse(action.result);
}

function errorOf(outcome: RequestOutcome): ErrorRecord | undefined {
  if ("error" in outcome) return outcome.error;
  const failed = outcome.actions.find((action) => !action.ok);
  return failed && !failed.ok ? failed.error : undefined;
}
