import { EkmAdapter } from "../../../src/adapters/ekm/adapter.ts";
import type { EkmGateway, EkmMeter } from "../../../src/adapters/ekm/device.ts";
import type { Http, OpenWebSocket } from "../../../src/adapters/ekm/ports.ts";
import type { AdapterRun } from "../../../src/domain/adapter.ts";
import type { Device } from "../../../src/domain/device.ts";
import { MetergateError } from "../../../src/domain/errors.ts";
import type { DeviceMessages, SecretVault } from "../../../src/domain/family-ports.ts";
import type { ActionOutcome } from "../../../src/domain/request.ts";
import { ManualClock, nextTurn } from "../../../src/lib/clock.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import { SimulatedCloud } from "../../../src/simulators/ekm/cloud.ts";
import type { MeterVersion } from "../../../src/simulators/ekm/meter.ts";

/** A generator of numbers that is the same in every run (xorshift). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** What happens at an exchange with the cloud: nothing odd, or the connection is cut before or after the cloud heard. */
export type Cut = "none" | "before" | "after";
const cut = () => new MetergateError("SOCKET_CLOSED_BY_REMOTE", "the connection was cut");

/** HTTP and WebSocket to a simulated cloud without a socket; time passes only when a test lets it. */
export class MemoryTransport {
  readonly #cloud: SimulatedCloud;
  /** Asked at each exchange, in their order. */
  onExchange: (what: string) => Cut = () => "none";
  /** What was said, for looking for secrets. */
  readonly addresses: string[] = [];

  constructor(cloud: SimulatedCloud) {
    this.#cloud = cloud;
  }

  readonly http: Http = {
    request: async ({ method, url, body }) => {
      this.addresses.push(url.href);
      const fate = this.onExchange(`${method} ${url.pathname}`);
      if (fate === "before") throw cut();
      const { searchParams, pathname } = url;
      const reply =
        pathname === "/sendCommand"
          ? this.#cloud.sendCommand(searchParams, String(body))
          : pathname === "/readMeter"
            ? this.#cloud.readMeter(searchParams)
            : this.#cloud.summaries(searchParams);
      if (fate === "after" || reply.isCut) throw cut();
      return { status: reply.status, headers: {}, body: reply.body };
    },
    stream: async ({ url, signal }) => {
      this.addresses.push(url.href);
      if (this.onExchange("GET /sub") !== "none") throw cut();
      const { messages, close } = this.#listen(decodeURIComponent(url.pathname.slice("/sub/".length)), signal!);
      async function* chunks() {
        for await (const text of messages) yield Buffer.from(text);
      }
      return { status: 200, headers: {}, chunks: chunks(), close };
    },
  };

  readonly openWebSocket: OpenWebSocket = async ({ url, signal }) => {
    if (this.onExchange("GET /ws") !== "none") throw cut();
    return this.#listen(decodeURIComponent(url.pathname.slice("/ws/".length)), signal);
  };

  #listen(channel: string, signal: AbortSignal) {
    const waiting: string[] = [];
    let isCut = false;
    let wake = () => {};
    const { behaviour, channels } = this.#cloud;
    const end = channels.subscribe(channel, (message) => {
      const isToBeCut = behaviour.cutStreamCount > 0;
      if (isToBeCut) behaviour.cutStreamCount -= 1;
      waiting.push(isToBeCut ? message.slice(0, message.length >> 1) : message);
      isCut ||= isToBeCut;
      if (isCut) end();
      wake();
    });
    const close = () => {
      signal.removeEventListener("abort", close);
      end();
      isCut = true;
      wake();
    };
    signal.addEventListener("abort", close, { once: true });
    async function* messages() {
      for (;;) {
        const next = waiting.shift();
        if (next !== undefined) yield next;
        else if (isCut) throw cut();
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    }
    return { messages: messages(), close };
  }
}

/** A vault in memory, with the states that the real one has. */
export class MemoryVault implements SecretVault {
  readonly #secrets: {
    device: string;
    type: string;
    value: Uint8Array;
    state: "NEW" | "ACTIVE" | "EXPIRED" | "WITHDRAWN";
    action?: string;
  }[] = [];

  put(device: string, type: string, value: string): void {
    this.#secrets.push({ device, type, value: Buffer.from(value), state: "ACTIVE" });
  }

  #find(device: string, type: string, state: string) {
    return this.#secrets.find((each) => each.device === device && each.type === type && each.state === state);
  }

  async getActive(device: string, type: string) {
    return this.#find(device, type, "ACTIVE")?.value ?? null;
  }

  async getNew(device: string, type: string) {
    return this.#find(device, type, "NEW")?.value ?? null;
  }

  async hasNew(device: string, types: readonly string[]) {
    return types.some((type) => this.#find(device, type, "NEW"));
  }

  async storeNew(device: string, secrets: readonly { type: string; value: Uint8Array }[], action: string) {
    for (const { type, value } of secrets) {
      const old = this.#find(device, type, "NEW");
      if (old) old.state = "WITHDRAWN";
      this.#secrets.push({ device, type, value, state: "NEW", action });
    }
  }

  async broughtBy(device: string, action: string) {
    return this.#secrets.filter((each) => each.device === device && each.action === action);
  }

  async activate(device: string, types: readonly string[]) {
    for (const type of types) {
      const [old, next] = [this.#find(device, type, "ACTIVE"), this.#find(device, type, "NEW")];
      if (old) old.state = "EXPIRED";
      if (next) next.state = "ACTIVE";
    }
  }
}

export const KEY = "c2ltdWxhdGVkLWdhdGV3YXk";
export const START_MS = Date.UTC(2026, 0, 31, 12);
const TIMEOUTS = { ekmRequestTimeoutMs: 30_000, ekmAnswerTimeoutMs: 60_000, ekmLookTimeoutMs: 180_000 };

/** An adapter and a cloud, and a clock that goes on as fast as there is nothing to do. */
export class MemoryWorld {
  readonly clock = new ManualClock(START_MS);
  readonly cloud: SimulatedCloud;
  readonly transport: MemoryTransport;
  readonly vault = new MemoryVault();
  readonly gateway: EkmGateway;
  readonly zones = new Map<string, string>();
  readonly messages: Parameters<DeviceMessages["keep"]>[0][] = [];
  adapter: EkmAdapter;
  readonly #meters: ReadonlyMap<string, EkmMeter>;

  constructor({
    meters = ["v4"] as readonly MeterVersion[],
    seed = 7,
    timeZone = "UTC",
    gateway = {} as Partial<EkmGateway["ekm"]>,
  } = {}) {
    const addresses = meters.map((version, i) => ({ version, address: String(10_001 + i).padStart(12, "0") }));
    this.cloud = new SimulatedCloud({
      clock: this.clock,
      random: seeded(seed),
      gateways: [{ key: KEY, mac: "0004A3B0C0D1", meters: addresses }],
      responseHost: () => "ns4.ekmpush.com",
    });
    this.transport = new MemoryTransport(this.cloud);
    const common = { family: "ekm", timezone: timeZone };
    this.gateway = {
      ...common,
      identification: "EKMGATEWAY000001",
      protocol: { name: "PUSH3", version: "1" },
      ekm: {
        ...{ url: "https://api.ekmpush.com", summaryUrl: "https://summary.ekmmetering.com" },
        ...{ access: "key", stream: "http", ...gateway },
      },
    };
    this.#meters = new Map(
      addresses.map(({ address, version }): [string, EkmMeter] => {
        const identification = `EKMV${address}`;
        const protocol = { name: "EKM", version };
        const behind = { device: this.gateway.identification };
        return [
          identification,
          { ...common, identification, protocol, gateway: behind, ekm: { meterAddress: address } },
        ];
      }),
    );
    this.vault.put(this.gateway.identification, "EKM_KEY", KEY);
    this.adapter = this.#openAdapter();
  }

  #openAdapter(): EkmAdapter {
    return new EkmAdapter({
      ...{ clock: this.clock, random: systemRandom, timeouts: TIMEOUTS, vault: this.vault },
      ...{
        http: this.transport.http,
        openWebSocket: this.transport.openWebSocket,
        closeHttp: async () => {},
        hasSeasonCommand: true,
      },
      messages: { keep: (message) => void this.messages.push(message), kept: async () => {} },
      platformKeys: { openSecret: (sealed) => Buffer.from(sealed, "hex") },
      records: {
        setTimezone: async (device, zone) => void this.zones.set(device, zone),
        setFirmwareVersions: async () => {},
      },
    });
  }

  /** Another process takes over: nothing of what the old one had in memory is there. */
  restart(): void {
    void this.adapter.close();
    this.adapter = this.#openAdapter();
  }

  get meters(): readonly EkmMeter[] {
    return [...this.#meters.values()];
  }

  simulated(meter: Device) {
    return this.cloud.meter((meter as EkmMeter).ekm.meterAddress);
  }

  find: (identification: string) => Promise<Device | undefined> = async (identification) =>
    identification === this.gateway.identification ? this.gateway : this.#meters.get(identification);

  /** A request with one action, whose runs share what is noted. */
  request(meter: EkmMeter, operation: string, request: object): MemoryRequest {
    return new MemoryRequest(this, meter, operation, request);
  }

  /** Lets time pass until something is done. */
  async until<T>(work: Promise<T>, stepMs = 1_000): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    done.catch(() => {});
    for (let i = 0; !isDone && i < 100_000; i++) {
      for (let turn = 0; turn < 4 && !isDone; turn++) await nextTurn();
      if (!isDone) this.clock.advance(stepMs);
    }
    return done;
  }

  async close(): Promise<void> {
    await this.adapter.close();
    this.cloud.close();
  }
}

let requests = 0;

export class MemoryRequest {
  outcome: ActionOutcome | undefined;
  attempt = 0;
  readonly #world: MemoryWorld;
  readonly #meter: EkmMeter;
  readonly #action: { readonly operation: string; readonly request: object };
  readonly #uid = `org|||device|||${++requests}`;
  #note: object | undefined;
  /** Called before and after something is noted. */
  onNote: (when: "before" | "after") => void = () => {};

  constructor(world: MemoryWorld, meter: EkmMeter, operation: string, request: object) {
    this.#world = world;
    this.#meter = meter;
    this.#action = { operation, request };
  }

  /**
   * One run.
   * @param signal kills it: nothing that it does afterwards is kept
   * @throws what the adapter throws
   */
  async run(signal = new AbortController().signal): Promise<void> {
    this.attempt += 1;
    const run: AdapterRun = {
      correlationUid: this.#uid,
      caller: { organisation: "org", userName: "u", applicationName: "a" },
      target: this.#meter,
      device: this.#meter,
      actions: [this.#action],
      findDevice: this.#world.find,
      isAuthorised: async () => true,
      attempt: this.attempt,
      finished: [null],
      signal,
      heard: () => {},
      report: async (_, outcome) => {
        signal.throwIfAborted();
        this.outcome = outcome;
      },
      note: async (_, note) => {
        this.onNote("before");
        signal.throwIfAborted();
        this.#note = JSON.parse(JSON.stringify(note));
        this.onNote("after");
        signal.throwIfAborted();
      },
      noted: async () => this.#note,
      notedBy: async () => undefined,
      progress: () => {},
    };
    await this.#world.adapter.run(run);
  }
}
