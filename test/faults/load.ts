import { type Accepted, ErpClient, ErpClientError, leaf } from "../../src/cli/erp-client.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { sample } from "../e2e/harness.ts";
import type { AcknowledgedRequest, Order } from "./checker.ts";

/** What the ERP sends, and the device in its sample: mostly what changes something, for that is where order counts. */
const KINDS = {
  read: ["GetFirmwareVersion", "TEST1024000000001"],
  write: ["SetPushSetupSms", "TEST1043000000001"],
  keys: ["GenerateAndReplaceKeys", "TEST1051000000001"],
} as const;

/** A load of requests that goes on while everything around it fails, and a record of what came back. */
export class Load {
  readonly #devices: readonly string[];
  readonly #baseUrls: () => readonly string[];
  readonly accepted: Accepted[] = [];
  /** By the value that the meter is to take. */
  readonly orders = new Map<string, Order>();
  #sent = 0;
  #stopped = false;
  #running: Promise<unknown> = Promise.resolve();

  /** @param baseUrls of the nodes that run now */
  constructor(devices: readonly string[], baseUrls: () => readonly string[]) {
    this.#devices = devices;
    this.#baseUrls = baseUrls;
  }

  start(senders: number, pauseMs: number): void {
    this.#running = Promise.all(Array.from({ length: senders }, () => this.#send(pauseMs)));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  client(): ErpClient {
    const urls = this.#baseUrls();
    return new ErpClient(urls[Math.floor(Math.random() * urls.length)] ?? "http://127.0.0.1:9", systemClock);
  }

  async #send(pauseMs: number): Promise<void> {
    while (!this.#stopped) {
      const { document, marker, priority } = this.#message();
      const order = { sentMs: Date.now(), acknowledgedMs: undefined, priority };
      this.orders.set(marker, order);
      try {
        const answer = await this.client().send(document);
        if (!("fault" in answer)) this.accepted.push(answer);
        this.orders.set(marker, { ...order, acknowledgedMs: Date.now() });
      } catch (error) {
        // No answer came: whatever became of it, the client knows nothing.
        if (!(error instanceof ErpClientError)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs * 2 * Math.random()));
    }
  }

  #message(): { document: Uint8Array<ArrayBuffer>; marker: string; priority: number } {
    const n = this.#sent++;
    // Each order has a value of its own, which the meter notes down if it takes it.
    const host = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
    const priority = n % 3 === 0 ? 8 : 4;
    const device = this.#devices[Math.floor(Math.random() * this.#devices.length)]!;
    const dice = Math.random();
    const [operation, model] = dice < 0.4 ? KINDS.read : dice < 0.93 ? KINDS.write : KINDS.keys;
    const header = `<com:MessagePriority>${priority}</com:MessagePriority></soapenv:Header>`;
    const document = sample(operation, [model, device], ["127.0.0.1", host], ["</soapenv:Header>", header]);
    return { document, marker: `${host}:9598`, priority };
  }

  /**
   * Asks for each result until it is there, and then once more, maybe another node.
   * @param patienceMs without any answer at all
   */
  async answers(patienceMs: number): Promise<AcknowledgedRequest[]> {
    let latestMs = Date.now();
    const read = async (sent: Accepted): Promise<AcknowledgedRequest> => {
      const answers: string[] = [];
      while (answers.length < 2 && Date.now() < latestMs + patienceMs) {
        try {
          const answer = await this.client().waitForResult(sent, 5_000);
          if (answer) latestMs = Date.now();
          if (answer) answers.push(leaf(answer, "Result") ?? answer.element + (leaf(answer, "Code") ?? ""));
        } catch (error) {
          if (!(error instanceof ErpClientError)) throw error;
        }
      }
      return { correlationUid: sent.correlationUid, answers };
    };
    const acknowledged: AcknowledgedRequest[] = [];
    const left = [...this.accepted];
    const reader = async () => {
      for (let next = left.shift(); next; next = left.shift()) acknowledged.push(await read(next));
    };
    await Promise.all(Array.from({ length: 8 }, reader));
    return acknowledged;
  }

  /** Whether each device can be read now. */
  async reachable(): Promise<Map<string, boolean>> {
    const results = await Promise.all(
      this.#devices.map(async (device) => {
        const sent = await this.client().send(sample("GetFirmwareVersion", ["TEST1024000000001", device]));
        const answer = "fault" in sent ? undefined : await this.client().waitForResult(sent, 60_000);
        return [device, answer !== undefined && leaf(answer, "Result") === "OK"] as const;
      }),
    );
    return new Map(results);
  }
}
