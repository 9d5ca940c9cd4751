import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { XmlDocument, XmlElement } from "libxml2-wasm";
import { decodeElement, type ElementTypes } from "../../src/contract/codec.ts";
import { NAMESPACES } from "../../src/contract/generated/tables.ts";
import { validate } from "../../src/contract/schema.ts";

const SOAP = "http://schemas.xmlsoap.org/soap/envelope/";

export const ACKNOWLEDGEMENT =
  `<s:Envelope xmlns:s="${SOAP}"><s:Body><n:SendNotificationResponse xmlns:n="${NAMESPACES["sm-notification"]}"/>` +
  "</s:Body></s:Envelope>";

export type Notification = ElementTypes["sm-notification:SendNotificationRequest"]["Notification"];

/** Reads a message as an ERP that was made from the contract does: to the last facet. */
export function readNotification(message: string): { headers: string[]; notification: Notification } {
  const document = XmlDocument.fromString(message);
  try {
    const find = (path: string) =>
      (document.find(path, { soap: SOAP }) as unknown[]).filter((node) => node instanceof XmlElement);
    const headers = find("/soap:Envelope/soap:Header/*").map(
      ({ name, namespaceUri, content }) => `${namespaceUri === NAMESPACES.common ? name : `?${name}`}=${content}`,
    );
    const [payload] = find("/soap:Envelope/soap:Body/*");
    const issues = validate(payload!).map(({ message: text }) => text);
    if (issues.length > 0) throw new RangeError(`${issues.join("; ")} in ${message}`);
    return { headers, notification: decodeElement(payload!, "sm-notification:SendNotificationRequest").Notification };
  } finally {
    document.dispose();
  }
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** An ERP's endpoint for notifications, on a free port of loopback. */
export class Target {
  readonly messages: string[] = [];
  connections = 0;
  /** What is answered; acknowledges when it is not set. */
  answer: RequestListener | undefined;
  readonly #server: Server;
  #arrived = () => {};

  private constructor() {
    this.#server = createServer((request, response) => {
      void bodyOf(request).then((message) => {
        this.messages.push(message);
        this.#arrived();
        if (this.answer) this.answer(request, response);
        else response.writeHead(200, { "content-type": "text/xml" }).end(ACKNOWLEDGEMENT);
      });
    });
    this.#server.on("connection", () => {
      this.connections += 1;
    });
  }

  static async open(host = "127.0.0.1", port = 0): Promise<Target> {
    const target = new Target();
    await new Promise<void>((resolve) => target.#server.listen(port, host, resolve));
    return target;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/notificationService/`;
  }

  /** Resolves when so many messages have come in all. */
  async received(count: number): Promise<Notification[]> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
    return this.messages.map((message) => readNotification(message).notification);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
