import { EgaugeAdapter } from "../../../src/adapters/egauge/adapter.ts";
import { asEgaugeDevice, PASSWORD } from "../../../src/adapters/egauge/device.ts";
import { type AdapterRun, Snooze } from "../../../src/domain/adapter.ts";
import { MetergateError } from "../../../src/domain/errors.ts";
import type { Action, ActionOutcome } from "../../../src/domain/request.ts";
import { type Clock, systemClock } from "../../../src/lib/clock.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import type { SimulatedEgauge as Meter, Reaction } from "../../../src/simulators/egauge/meter.ts";
import { SimulatedEgauge } from "../../../src/simulators/egauge/meter.ts";
import { serveMeter } from "../../../src/simulators/egauge/server.ts";
import { FACTORY_PASSWORD, type Pace } from "../../../src/simulators/egauge/state.ts";
import { HttpClient } from "../../../src/transport/http-client.ts";
import type { OpenPort } from "../../../src/transport/open-port.ts";

const QUICK: Pace = { rebootDelay: 0.02, down: 0.1, install: 0.05, operation: 0.03, tokenLife: 600, nonceLife: 60 };
/** What is longer is a time-out. */
const LONGEST_PAUSE_MS = 10_000;
/** Runs of one request; more would never end. */
const MOST_RUNS = 500;

type State = "NEW" | "ACTIVE" | "EXPIRED" | "WITHDRAWN";

/** A vault of one device's password. */
export class Vault {
  readonly all: { value: Uint8Array; state: State; action: string }[] = [];

  constructor(password: string) {
    this.all.push({ value: Buffer.from(password), state: "ACTIVE", action: "" });
  }

  #find(state: State): Uint8Array | null {
    return this.all.find((each) => each.state === state)?.value ?? null;
  }

  getActive = async () => this.#find("ACTIVE");
  getNew = async () => this.#find("NEW");
  storeNew = async (_device: string, secrets: readonly { value: Uint8Array }[], action: string) => {
    for (const each of this.all) if (each.state === "NEW") each.state = "WITHDRAWN";
    for (const { value } of secrets) this.all.push({ value, state: "NEW", action });
  };
  broughtBy = async (_device: string, action: string) =>
    this.all.filter((each) => each.action === action).map(({ state }) => ({ type: PASSWORD, state }));
  activate = async () => {
    for (const each of this.all) {
      if (each.state === "ACTIVE") each.state = "EXPIRED";
      else if (each.state === "NEW") each.state = "ACTIVE";
    }
  };
}

/** One meter on a port and an adapter for it, without the rest of the service. */
export class OneMeter {
  readonly meter: Meter;
  readonly #server: OpenPort;
  readonly vault = new Vault(FACTORY_PASSWORD);
  readonly learnt: unknown[] = [];
  /** What was kept while the meter was debugged. */
  readonly kept: string[] = [];
  debugging = false;
  readonly progress: number[] = [];
  readonly #hasty: boolean;
  #adapter: EgaugeAdapter;
  /** Requests that came to the meter. */
  readonly requests: string[] = [];
  /** Called after the meter has done what a request asks, with how many there were; may cut it. */
  afterExchange: (count: number) => "cut" | undefined = () => undefined;

  private constructor(meter: Meter, server: OpenPort, hasty: boolean) {
    this.#hasty = hasty;
    this.meter = meter;
    this.#server = server;
    this.#adapter = this.#open();
    const react = meter.react.bind(meter);
    meter.react = (request): Reaction => {
      this.requests.push(`${request.method} ${request.path}`);
      const reaction = react(request);
      return this.afterExchange(this.requests.length) ?? reaction;
    };
  }

  /** @param hasty pauses are a thousandth of what they are to be */
  static async open(pace: Partial<Pace> = {}, hasty = false): Promise<OneMeter> {
    const meter = new SimulatedEgauge({
      ...{ identification: "EGAUGE0000000001", clock: systemClock, random: systemRandom, pace: { ...QUICK, ...pace } },
    });
    return new OneMeter(meter, await serveMeter(meter, "127.0.0.1", 0), hasty);
  }

  #open(): EgaugeAdapter {
    const after: Clock["after"] = (ms, callback) => systemClock.after(ms > LONGEST_PAUSE_MS ? ms : ms / 1000, callback);
    const clock = this.#hasty ? { ...systemClock, after } : systemClock;
    return new EgaugeAdapter({
      ...{ clock, random: systemRandom, vault: this.vault, timeoutMs: 20_000, pollMs: this.#hasty ? 1_000 : 5 },
      http: new HttpClient({ clock, keepAliveMs: 1_000, mostOctets: 200_000 }),
      platformKeys: {
        openKey: (sealed) => Buffer.from(sealed, "hex"),
        openSecret: (sealed) => Buffer.from(sealed, "hex"),
      },
      messages: {
        keep: ({ direction, body }) => void this.kept.push(`${direction} ${Buffer.from(body).toString()}`),
        kept: async () => {},
      },
      records: {
        setTimezone: async (...told) => void this.learnt.push(told),
        setFirmwareVersions: async (...told) => void this.learnt.push(told),
      },
    });
  }

  /** Another process: what it had in memory is gone. */
  async restart(): Promise<void> {
    await this.#adapter.close();
    this.#adapter = this.#open();
  }

  async close(): Promise<void> {
    await this.#adapter.close();
    await this.#server.close();
  }

  /** Begins a request, whose runs share what is noted. */
  request(operation: string, request: object = {}, notedBy: AdapterRun["notedBy"] = async () => undefined): OneRequest {
    return new OneRequest(this, { operation, request }, notedBy);
  }

  /** Runs a request until it has an outcome. */
  do(operation: string, request: object = {}): Promise<ActionOutcome> {
    return this.request(operation, request).end();
  }

  run(run: AdapterRun): Promise<void> {
    return this.#adapter.run(run);
  }

  get device() {
    const egauge = {
      ...{ host: "127.0.0.1", port: this.#server.port, useHttps: false, user: "owner" },
      ...{ importRegister: "Grid+", exportRegister: "Grid-" },
    };
    return asEgaugeDevice({
      ...{
        identification: this.meter.identification,
        family: "egauge",
        protocol: { name: "EGAUGE", version: "WebAPI" },
      },
      ...{ timezone: "Europe/Amsterdam", egauge, debugging: this.debugging },
    } as never);
  }
}

let uids = 0;

export class OneRequest {
  readonly #world: OneMeter;
  readonly #action: Action;
  readonly #notedBy: AdapterRun["notedBy"];
  readonly #uid = `uid-${++uids}`;
  note: object | undefined;
  attempts = 0;
  outcome: ActionOutcome | undefined;

  constructor(world: OneMeter, action: Action, notedBy: AdapterRun["notedBy"]) {
    this.#world = world;
    this.#action = action;
    this.#notedBy = notedBy;
  }

  /**
   * One run.
   * @param signal kills it: nothing that it does afterwards is kept
   */
  async run(signal = new AbortController().signal): Promise<void> {
    this.attempts += 1;
    const { device, progress } = this.#world;
    const keep = (store: () => void) => {
      if (signal.aborted) throw new RangeError("killed");
      store();
    };
    await this.#world.run({
      ...{ correlationUid: this.#uid, caller: { organisation: "org", userName: "u", applicationName: "a" } },
      ...{ target: device, device, actions: [this.#action], attempt: this.attempts, finished: [null], signal },
      findDevice: async () => device,
      isAuthorised: async () => true,
      heard: () => {},
      report: async (_, outcome) => keep(() => (this.outcome = JSON.parse(JSON.stringify(outcome)))),
      note: async (_, note) => keep(() => (this.note = JSON.parse(JSON.stringify(note)))),
      noted: async () => this.note,
      notedBy: this.#notedBy,
      progress: (_, done) => void progress.push(done),
    });
  }

  /** Runs it again and again, as the worker does; a device that cannot be reached is tried again later. */
  async end(): Promise<ActionOutcome> {
    while (!this.outcome) {
      if (this.attempts > MOST_RUNS) throw new RangeError("it never ends");
      try {
        await this.run();
      } catch (error) {
        if (error instanceof Snooze) continue;
        if (!(error instanceof MetergateError) || this.attempts > 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
    return this.outcome;
  }
}
