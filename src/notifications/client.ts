import { fileURLToPath } from "node:url";
import { XmlDocument, XmlElement } from "libxml2-wasm";
import type { IHttpClient } from "soap";
import { CONTRACT_SERVICES, type ElementTypes, qualifiedName } from "../contract/codec.ts";
import { NAMESPACES } from "../contract/generated/tables.ts";
import { printable } from "../contract/operations/values.ts";
import { WSDL_FOLDER } from "../contract/schema.ts";
import { MetergateError, toErrorRecord } from "../domain/errors.ts";
import { BUNDLE } from "../domain/request.ts";
import { SOAP_11 } from "../lib/soap-namespace.ts";
import { findOperation } from "../operations/registry.ts";
import { DEVICE_REPORT, PUSHED_ALARM, type StoredNotification, SYSTEM_EVENT } from "../store/notifications.ts";
import type { HttpAnswer, HttpClient } from "../transport/http-client.ts";

const { common: COMMON } = NAMESPACES;

/** Whom notifications come from, by their headers. */
export interface NotificationSource {
  readonly organisation: string;
  readonly userName: string;
  readonly applicationName: string;
}

/** What was said and what was answered. */
export interface Exchanged {
  readonly request?: string | undefined;
  readonly answer?: string | undefined;
  /** Why it counts as not told; absent when it was acknowledged. */
  readonly error?: MetergateError | undefined;
}

type Notification = ElementTypes["sm-notification:SendNotificationRequest"]["Notification"];

type HttpRequest = (
  url: string,
  data: string,
  callback: (error: unknown, response?: object, body?: string) => void,
  headers: Record<string, string>,
) => void;

const TYPES: Readonly<Record<string, string>> = {
  [BUNDLE]: "HANDLE_BUNDLED_ACTIONS",
  [PUSHED_ALARM]: "PUSH_NOTIFICATION_ALARM",
  [SYSTEM_EVENT]: "SYSTEM_EVENT",
  [DEVICE_REPORT]: "GATEWAY_EVENT",
};

/** @throws MetergateError INTERNAL for an operation that this release does not know */
export function toWire({ about, correlationUid, device, result, message }: StoredNotification): Notification {
  const type = TYPES[about] ?? findOperation(about)?.notification;
  if (type === undefined) throw new MetergateError("INTERNAL", `${about} has no notification type`);
  return {
    ...(message !== undefined && { message: printable(message) }),
    result,
    deviceIdentification: device,
    correlationUid,
    NotificationType: type as Notification["NotificationType"],
  };
}

/** Sends notifications over SOAP, each to the address that it names. */
export class NotificationClient {
  readonly #http: HttpClient;
  readonly #source: NotificationSource;
  readonly #timeoutMs: number;

  constructor(http: HttpClient, source: NotificationSource, timeoutMs: number) {
    this.#http = http;
    this.#source = source;
    this.#timeoutMs = timeoutMs;
  }

  /** Sends one; never throws. */
  async send(
    notification: StoredNotification,
    isAllowed: (address: string) => boolean,
    signal: AbortSignal,
  ): Promise<Exchanged> {
    const exchanged: { request?: string; answer?: string } = {};
    try {
      const post = (body: string, headers: Record<string, string>): Promise<HttpAnswer> => {
        exchanged.request = body;
        const url = new URL(notification.url);
        return this.#http.request({
          method: "POST",
          url,
          headers,
          body,
          isAllowed,
          timeoutMs: this.#timeoutMs,
          signal,
        });
      };
      const answer = await this.#call(toWire(notification), notification.url, post);
      exchanged.answer = answer.body;
      requireAcknowledged(answer);
      return exchanged;
    } catch (thrown) {
      const { code, message } = toErrorRecord(thrown);
      return { ...exchanged, error: thrown instanceof MetergateError ? thrown : new MetergateError(code, message) };
    }
  }

  /** Has the SOAP library write the message; what came back is judged by us, whatever it thinks of it. */
  async #call(
    notification: Notification,
    url: string,
    post: (body: string, headers: Record<string, string>) => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    let posted: Promise<HttpAnswer> | undefined;
    const request: HttpRequest = (_url, data, callback, headers) => {
      posted = post(data, headers);
      posted.then(
        ({ status, body }) => callback(null, { status, statusCode: status, headers: {}, data: body }, body),
        (error) => callback(error),
      );
    };
    // Loaded by the first notification: it would be an eighth of the service's start.
    const { createClientAsync } = await import("soap");
    // The library's type asks for a promise of axios, which it does not look at.
    const client = await createClientAsync(WSDL, { httpClient: { request } as unknown as IHttpClient });
    client.setEndpoint(url);
    for (const [name, text] of Object.entries({
      OrganisationIdentification: this.#source.organisation,
      UserName: this.#source.userName,
      ApplicationName: this.#source.applicationName,
    })) {
      client.addSoapHeader({ [name]: text }, "", "com", COMMON);
    }
    const sent: Promise<unknown> = client.SendNotificationAsync({ Notification: notification });
    await sent.catch(() => {});
    if (!posted) throw new MetergateError("INTERNAL", "the notification was not written");
    return posted;
  }
}

const WSDL = fileURLToPath(
  new URL(CONTRACT_SERVICES.find(({ name }) => name === "SmartMeteringNotification")!.wsdl, WSDL_FOLDER),
);

/**
 * A target has heard of it when it says so in the words of the contract, or answers 202 or 204 with nothing. A web page,
 * a redirect, a fault: whoever says that did not understand.
 * @throws MetergateError ILLEGAL_RESPONSE
 */
function requireAcknowledged({ status, body }: HttpAnswer): void {
  if ((status === 202 || status === 204) && body.trim() === "") return;
  if (status === 200 && isResponse(body)) return;
  throw new MetergateError(
    "ILLEGAL_RESPONSE",
    `the answer, with HTTP status ${status}, is no SendNotificationResponse`,
  );
}

const RESPONSE = qualifiedName("sm-notification:SendNotificationResponse");

function isResponse(body: string): boolean {
  if (body.includes("<!DOCTYPE")) return false;
  let document: XmlDocument | undefined;
  try {
    document = XmlDocument.fromString(body);
    const payload = document.get("/soap:Envelope/soap:Body/*", { soap: SOAP_11 });
    return (
      payload instanceof XmlElement && payload.name === RESPONSE.local && payload.namespaceUri === RESPONSE.namespace
    );
  } catch {
    return false;
  } finally {
    document?.dispose();
  }
}
