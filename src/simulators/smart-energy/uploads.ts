import type { Clock } from "../../lib/clock.ts";
import { formatElement } from "../../smart-energy/element.ts";
import { HttpClient } from "../../transport/http-client.ts";
import type { Said } from "./gateway.ts";

interface Upload {
  readonly deviceId: string;
  readonly said: Said;
}

/** Somebody to whom the cloud pushes what is uploaded. */
export interface Monitor {
  readonly url: string;
  /** `user:password` of whoever takes it. */
  readonly token: string;
}

const RETRY_MS = 1_000;
const TIMEOUT_MS = 5_000;

/** Files that gateways uploaded, each pushed until it is taken, in their order. */
export class Uploads {
  readonly #clock: Clock;
  readonly #http: HttpClient;
  #queue: Upload[] = [];
  #monitor: Monitor | undefined;
  #count = 0;
  #pushing = Promise.resolve();
  #cancelRetry = () => {};
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#http = new HttpClient({ clock });
  }

  add(deviceId: string, said: Said): void {
    this.#queue.push({ deviceId, said });
    this.#wake();
  }

  push(monitor: Monitor): void {
    this.#monitor = monitor;
    this.#wake();
  }

  settled(): Promise<void> {
    return this.#pushing;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelRetry();
  }

  #wake(): void {
    this.#pushing = this.#pushing.then(() => this.#pushAll());
  }

  async #pushAll(): Promise<void> {
    while (!this.#isStopped && this.#monitor && this.#queue.length > 0) {
      const batch = this.#queue.slice(0, 100);
      if (!(await this.#offer(batch, this.#monitor))) {
        this.#cancelRetry();
        this.#cancelRetry = this.#clock.after(RETRY_MS, () => this.#wake());
        return;
      }
      this.#queue = this.#queue.slice(batch.length);
    }
  }

  async #offer(batch: readonly Upload[], { url, token }: Monitor): Promise<boolean> {
    const messages = batch.map(({ deviceId, said }) => {
      const name = `${++this.#count}.xml`;
      const data = Buffer.from(formatElement(said.element)).toString("base64");
      const file =
        `<FileData><id><fdPath>/db/1_${deviceId}/</fdPath><fdName>${name}</fdName></id>` +
        `<fdLastModifiedDate>${new Date(said.atMs).toISOString()}</fdLastModifiedDate><fdSize>1</fdSize>` +
        `<fdContentType>application/xml</fdContentType><fdData>${data}</fdData><fdType>file</fdType></FileData>`;
      const time = new Date(said.atMs).toISOString();
      return `<Msg timestamp="${time}" topic="1/FileData" operation="INSERTION" group="*">${file}</Msg>`;
    });
    try {
      const { status } = await this.#http.request({
        ...{ method: "PUT", url: new URL(url), timeoutMs: TIMEOUT_MS, isAllowed: () => true },
        headers: {
          authorization: `Basic ${Buffer.from(token).toString("base64")}`,
          "content-type": "text/xml",
        },
        body: `<?xml version="1.0"?><Document>${messages.join("")}</Document>`,
      });
      return status === 200;
    } catch {
      return false;
    }
  }
}
