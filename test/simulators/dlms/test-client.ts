import assert from "node:assert/strict";
import { DlmsClient } from "../../../src/dlms/client.ts";
import type { ClientEvent, ClientSecurity, DlmsClientOptions } from "../../../src/dlms/client-options.ts";
import type { CosemData } from "../../../src/dlms/data.ts";
import { HdlcApduLink } from "../../../src/dlms/hdlc-apdu-link.ts";
import { InvocationCounter } from "../../../src/dlms/invocation-counter.ts";
import type { CipheringForm } from "../../../src/dlms/secure-channel.ts";
import { CipherKeys } from "../../../src/dlms/security.ts";
import type { ServiceRequest, ServiceResponse } from "../../../src/dlms/services.ts";
import { WrapperClientLink } from "../../../src/dlms/wrapper.ts";
import { fromHex } from "../../../src/lib/bytes.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import type { SimulatedMeter } from "../../../src/simulators/dlms/simulated-meter.ts";
import { connectTcp, type TcpConnection } from "../../../src/transport/tcp.ts";

export const CLIENT_TITLE = fromHex("2020200000000001");

export interface TestClientOptions {
  /** By default what the meter asks of its management client; `none` associates as public client. */
  readonly security?: "none" | "lls1" | "hls5";
  /** By default the one that the meter expects. */
  readonly counter?: InvocationCounter;
  readonly challenge?: Uint8Array;
  readonly form?: CipheringForm;
  readonly useHdlc?: boolean;
  readonly client?: number;
  readonly maxReceivePduSize?: number;
  readonly maxNotifications?: number;
  /** Blocks of one answer that it bears. */
  readonly maxBlocks?: number;
}

/** What ended a call: the event, or that the meter cut the connection. */
export type Outcome = ClientEvent | { readonly type: "lost" };

/** The library's client on a real socket. */
export class TestClient {
  readonly #client: DlmsClient;
  readonly #connection: TcpConnection;
  #wake: (outcome: Outcome) => void = () => {};

  private constructor(client: DlmsClient, connection: TcpConnection) {
    this.#client = client;
    this.#connection = connection;
    connection.receive({
      data: (octets) => {
        client.receive(octets);
        this.#pump();
      },
      lost: () => this.#wake({ type: "lost" }),
    });
  }

  /** Connects to a meter without associating. */
  static async open(meter: SimulatedMeter, options: TestClientOptions = {}): Promise<TestClient> {
    const connection = await connectTcp({ host: meter.host, port: meter.port, timeoutMs: 60_000 }, systemClock);
    return new TestClient(new DlmsClient(clientOptions(meter, options)), connection);
  }

  /** Connects and associates; fails when that does not succeed. */
  static async associate(meter: SimulatedMeter, options: TestClientOptions = {}): Promise<TestClient> {
    const client = await TestClient.open(meter, options);
    const outcome = await client.connect();
    assert.equal(outcome.type, "associated", "error" in outcome ? String(outcome.error) : outcome.type);
    return client;
  }

  connect(): Promise<Outcome> {
    return this.#until(() => this.#client.connect());
  }

  request(request: ServiceRequest): Promise<Outcome> {
    return this.#until(() => this.#client.request(request));
  }

  /** Releases the association; the connection stays. */
  release(): Promise<Outcome> {
    return this.#until(() => this.#client.release());
  }

  /** Another association on the same connection, for after the release. */
  anew(meter: SimulatedMeter, options: TestClientOptions): TestClient {
    return new TestClient(new DlmsClient(clientOptions(meter, options)), this.#connection);
  }

  changeKeys(keys: CipherKeys): void {
    this.#client.changeKeys(keys);
  }

  close(): void {
    this.#connection.close();
  }

  /** GET of `class/logical name/attribute`. */
  async get(...references: readonly string[]) {
    const response = responseOf(await this.request({ type: "get", attributes: references.map(attributeOf) }));
    assert.equal(response.type, "get");
    return response.results;
  }

  async set(reference: string, value: CosemData) {
    const response = responseOf(
      await this.request({ type: "set", attributes: [attributeOf(reference)], values: [value] }),
    );
    assert.equal(response.type, "set");
    return response.results[0];
  }

  async invoke(reference: string, parameters: CosemData) {
    const { classId, logicalName, attribute: method } = attributeOf(reference);
    const response = responseOf(
      await this.request({ type: "action", methods: [{ classId, logicalName, method }], parameters: [parameters] }),
    );
    assert.equal(response.type, "action");
    return response.results[0]?.result;
  }

  async #until(start: () => void): Promise<Outcome> {
    const outcome = new Promise<Outcome>((resolve) => {
      this.#wake = resolve;
    });
    start();
    this.#pump();
    return outcome;
  }

  #pump(): void {
    for (let event = this.#client.nextEvent(); event; event = this.#client.nextEvent()) {
      if (event.type === "send") this.#connection.write(event.bytes);
      else if (event.type !== "notification") this.#wake(event);
    }
  }
}

export function attributeOf(reference: string) {
  const [classId, logicalName, attribute] = reference.split("/");
  return { classId: Number(classId), logicalName: parseObis(logicalName!), attribute: Number(attribute) };
}

function responseOf(outcome: Outcome): ServiceResponse {
  if (outcome.type === "response") return outcome.response;
  assert.fail(`no response but ${outcome.type}: ${"error" in outcome ? outcome.error : ""}`);
}

function clientOptions({ meter }: SimulatedMeter, options: TestClientOptions): DlmsClientOptions {
  const { logicalDevice } = meter.description;
  const security = securityOf(meter, options);
  const client = options.client ?? (security.type === "none" ? 16 : 1);
  const link = options.useHdlc
    ? new HdlcApduLink({ role: "client", clientAddress: client, serverAddress: { upper: logicalDevice } })
    : new WrapperClientLink({ client, server: logicalDevice });
  const { maxReceivePduSize, maxNotifications, maxBlocks } = options;
  return { link, security, maxReceivePduSize, maxNotifications, maxBlocks };
}

function securityOf(meter: SimulatedMeter["meter"], options: TestClientOptions): ClientSecurity {
  const { keys, expectedInvocationCounter } = meter;
  const ciphering = {
    keys: new CipherKeys(keys.encryptionUnicast, keys.authentication),
    systemTitle: CLIENT_TITLE,
    invocationCounter: options.counter ?? new InvocationCounter(expectedInvocationCounter),
    form: options.form,
    ...(options.form?.endsWith("ded") && { dedicatedKey: fromHex("C0C1C2C3C4C5C6C7C8C9CACBCCCDCECF") }),
  };
  switch (options.security ?? meter.description.security) {
    case "none":
      return { type: "none" };
    case "lls1":
      return { type: "lls", password: keys.password, ciphering };
    case "hls5":
      return { type: "hls5", challenge: options.challenge ?? fromHex("000102030405060708090A0B0C0D0E0F"), ciphering };
  }
}
