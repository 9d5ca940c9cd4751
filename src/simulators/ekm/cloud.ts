import type { Clock } from "../../lib/clock.ts";
import { isTimeZone, localTimeIn } from "../../lib/time-zone.ts";
import { type Behaviour, WELL_BEHAVED } from "./behaviour.ts";
import { Channels } from "./channels.ts";
import { History } from "./history.ts";
import { isCommand, type MeterVersion, SimulatedEkmMeter } from "./meter.ts";
import { Parameters } from "./parameters.ts";
import { readingOf } from "./reading.ts";
import { Refusal, refuse } from "./refusal.ts";

export interface GatewayDescription {
  readonly key: string;
  readonly mac: string;
  readonly meters: readonly {
    readonly address: string;
    readonly version: MeterVersion;
    readonly clockOffsetMs?: number | undefined;
  }[];
}

export interface CloudOptions {
  readonly clock: Clock;
  /** 0 ≤ number < 1 */
  readonly random: () => number;
  readonly gateways: readonly GatewayDescription[];
  /** Where response channels are: host, and port where there is one. */
  readonly responseHost: () => string;
  /** How often readings are taken; a minute when absent. */
  readonly readEveryMs?: number | undefined;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
  /** The connection ends without it. */
  readonly isCut?: boolean;
}

/** What became of a command that a meter was given. */
export interface Execution {
  readonly msgId: string;
  readonly address: string;
  readonly command: string;
  readonly success: boolean;
}

interface Gateway {
  readonly description: GatewayDescription;
  readonly meters: ReadonlyMap<string, SimulatedEkmMeter>;
  /** When its bus is free, by the monotonic clock. */
  freeMs: number;
}

const MOST_READINGS = 1000;
const MOST_EXECUTIONS = 100_000;

/** The cloud, with gateways and meters: what HTTP carries to it and away, without HTTP. */
export class SimulatedCloud {
  readonly behaviour: Behaviour = { ...WELL_BEHAVED };
  readonly channels = new Channels();
  /** What meters were given, in that order. */
  readonly executions: Execution[] = [];
  readonly #options: CloudOptions;
  readonly #gateways: readonly Gateway[];
  readonly #readings = new Map<string, Record<string, string>[]>();
  readonly #histories = new Map<string, History>();
  #cancelReadings = () => {};

  constructor(options: CloudOptions) {
    this.#options = options;
    const nowMs = options.clock.now();
    this.#gateways = options.gateways.map((description) => ({
      description,
      meters: new Map(description.meters.map((each) => [each.address, new SimulatedEkmMeter(each, nowMs)])),
      freeMs: 0,
    }));
    this.#takeReadings();
  }

  get meters(): readonly SimulatedEkmMeter[] {
    return this.#gateways.flatMap(({ meters }) => [...meters.values()]);
  }

  meter(address: string): SimulatedEkmMeter {
    return this.meters.find((meter) => meter.address === address) ?? refuse(`there is no meter ${address}`);
  }

  close(): void {
    this.#cancelReadings();
  }

  /** POST /sendCommand */
  sendCommand(query: URLSearchParams, body: string): Reply {
    const { behaviour } = this;
    if (behaviour.refuseCount > 0) {
      behaviour.refuseCount -= 1;
      return { status: behaviour.refuseStatus, body: JSON.stringify({ error: "try again later" }) };
    }
    try {
      const { gateway, order } = this.#understand(query, body);
      this.#handOn(gateway, order);
      const { msgId, channel } = order;
      const answer = {
        ...{ msg_id: msgId, response_channel_id: channel },
        response_channel_host: this.#options.responseHost(),
      };
      const isCut = behaviour.cutCount > 0;
      if (isCut) behaviour.cutCount -= 1;
      return { status: 200, body: JSON.stringify(answer), isCut };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: 400, body: JSON.stringify({ error: error.message }) };
    }
  }

  #understand(query: URLSearchParams, body: string) {
    const request = parse(body);
    const key = query.get("key") ?? request.key;
    const mac = query.get("gateway");
    const gateway = this.#gateways.find(({ description }) =>
      mac === null ? description.key === key : description.mac === mac && description.key === key,
    );
    if (!gateway) refuse("invalid key");
    const { command, target, target_id: address, response_channel_id: channel, params } = request;
    if (typeof command !== "string" || !isCommand(command)) refuse("unknown command");
    if (target !== "meter") refuse("unknown target");
    if (typeof address !== "string" || !/^\d{12}$/.test(address)) refuse("target_id has 12 digits");
    const order = {
      msgId: Array.from({ length: 32 }, () => Math.floor(this.#options.random() * 16).toString(16)).join(""),
      channel: typeof channel === "string" && channel !== "" ? channel : `response_${this.#options.random()}`,
      ...{ command, address, params },
    };
    return { gateway, order };
  }

  /** The gateway hears of it, and its bus has one command at a time. */
  #handOn(gateway: Gateway, order: Order): void {
    const { clock } = this.#options;
    const { behaviour } = this;
    if (behaviour.isGatewayOffline) {
      this.#waitForGateway(gateway, order, behaviour.expiryMs);
      return;
    }
    const elapsedMs: number = clock.elapsed();
    const beginMs = Math.max(elapsedMs, gateway.freeMs);
    gateway.freeMs = beginMs + behaviour.busMs;
    clock.after(gateway.freeMs - elapsedMs, () => this.#execute(gateway, order));
  }

  /** Looks now and then whether the gateway is back. */
  #waitForGateway(gateway: Gateway, order: Order, leftMs: number): void {
    if (leftMs <= 0) return;
    const stepMs = Math.min(leftMs, 1000);
    this.#options.clock.after(stepMs, () => {
      if (this.behaviour.isGatewayOffline) this.#waitForGateway(gateway, order, leftMs - stepMs);
      else this.#handOn(gateway, order);
    });
  }

  #execute(gateway: Gateway, { msgId, channel, command, address, params }: Order): void {
    const { clock } = this.#options;
    const received = clock.now() / 1000;
    let answer: { success: boolean; error: string | null; data: unknown };
    try {
      const meter = gateway.meters.get(address) ?? refuse("no response from meter");
      const data = meter.execute(command, new Parameters(params, this.behaviour.isStrict), clock.now());
      answer = { success: true, error: null, data };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer = { success: false, error: error.message, data: null };
    }
    this.executions.push({ msgId, address, command, success: answer.success });
    if (this.executions.length > MOST_EXECUTIONS) this.executions.shift();
    this.#publish(channel, JSON.stringify({ msg_id: msgId, timestamp: received, ...answer }));
  }

  #publish(channel: string, message: string): void {
    const { clock, random } = this.#options;
    const { behaviour } = this;
    const happens = (share: number) => random() < share;
    const publish = (text: string, delayMs: number) => {
      if (delayMs <= 0) this.channels.publish(channel, text);
      else clock.after(delayMs, () => this.channels.publish(channel, text));
    };
    const shuffled = () => random() * behaviour.shuffleMs;
    // As many foreign ones that half of all are, for a share of one half.
    for (let more = happens(behaviour.foreignShare * 2); more; more = happens(behaviour.foreignShare - 0.5)) {
      const foreign = JSON.parse(message) as Record<string, unknown>;
      publish(
        JSON.stringify({ ...foreign, msg_id: `f${foreign.msg_id}`.slice(0, 32), success: happens(0.5) }),
        shuffled(),
      );
    }
    if (happens(behaviour.lostShare)) return;
    const lateMs = happens(behaviour.lateShare) ? behaviour.lateMs : 0;
    publish(message, shuffled() + lateMs);
    if (happens(behaviour.twiceShare)) publish(message, shuffled() + lateMs);
  }

  #takeReadings(): void {
    const { clock, readEveryMs = 60_000 } = this.#options;
    this.#cancelReadings = clock.after(readEveryMs, () => this.#takeReadings());
    if (this.behaviour.isStale) return;
    const nowMs = clock.now();
    for (const meter of this.meters.filter(({ isSilent }) => !isSilent)) {
      const readings = this.#readings.get(meter.address) ?? [];
      this.#readings.set(meter.address, readings);
      const reading = readingOf(meter, nowMs);
      readings.push(reading);
      this.#historyOf(meter.address).add(reading, nowMs);
      if (readings.length > MOST_READINGS) readings.shift();
    }
  }

  #historyOf(address: string): History {
    const history = this.#histories.get(address) ?? new History();
    this.#histories.set(address, history);
    return history;
  }

  /** GET of summaries: days and others of one meter. */
  summaries(query: URLSearchParams): Reply {
    const gateway = this.#gateways.find(({ description }) => description.key === query.get("key"));
    if (!gateway) return { status: 403, body: JSON.stringify({ error: "invalid key" }) };
    const address = query.get("devices") ?? "";
    const timeZone = (query.get("timezone") ?? "UTC").replaceAll("~", "/");
    const [from, until] = ["start_date", "end_date"].map((name) => query.get(name) ?? "");
    const isQuery = isTimeZone(timeZone) && [from, until].every((date) => /^\d{12}$/.test(date!));
    const rows = isQuery
      ? this.#historyOf(address).summarize({
          report: query.get("report") ?? "",
          localTime: (epochMs) => localTimeIn(timeZone, epochMs),
          ...{ from: from!, until: until! },
        })
      : undefined;
    if (!rows) return { status: 400, body: JSON.stringify({ error: "invalid parameters" }) };
    const told = rows.slice(0, Number(query.get("limit") ?? 100));
    return {
      status: 200,
      body: JSON.stringify(told.map((row) => ({ Meter: Number(address), Protocol: "v4", ...row }))),
    };
  }

  /** GET /readMeter, in the form of the cloud. */
  readMeter(query: URLSearchParams): Reply {
    const key = query.get("key");
    const gateway = this.#gateways.find(({ description }) => description.key === key);
    if (!gateway) return { status: 403, body: JSON.stringify({ error: "invalid key" }) };
    const count = Math.min(MOST_READINGS, Math.max(1, Number(query.get("cnt") ?? 1)));
    const asked = query.get("meters")?.split("~");
    const meters = [...gateway.meters.values()].filter(({ address }) => asked?.includes(address) ?? true);
    const sets = meters.map(({ address, version }) => ({
      // A number, as some answers have it: its zeros are lost.
      Meter: Number(address),
      Group: "1",
      Interval: "1",
      Protocol: version === "v3" ? "v3" : "v4",
      MAC_Addr: gateway.description.mac,
      ReadData: (this.#readings.get(address) ?? []).slice(-count).reverse(),
    }));
    return { status: 200, body: JSON.stringify({ readMeter: { ReadSet: sets } }) };
  }
}

type Order = { msgId: string; channel: string; command: string; address: string; params: unknown };

function parse(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Told below.
  }
  return refuse("the body is not a JSON object");
}
