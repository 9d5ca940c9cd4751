import { Alerts } from "./alerts.ts";
import { type Answer, type Request, refusal } from "./answer.ts";
import { Authentication } from "./auth.ts";
import { type Behaviour, Behaviours } from "./behaviours.ts";
import { command } from "./commands.ts";
import { Operations } from "./operations.ts";
import { Registers } from "./registers.ts";
import { configure, look } from "./resources.ts";
import { type EgaugeOptions, MeterState } from "./state.ts";

/** What is seen of a request on the wire. */
export type Reaction = Answer | "cut" | "silence" | "garbage" | "flood";

const NOT_FOUND: Answer = { status: 404, body: undefined };
const BAD_GATEWAY: Answer = { status: 502, body: undefined };

/** An eGauge meter without a network: requests in, answers out. Time and chance are given to it. */
export class SimulatedEgauge {
  readonly state: MeterState;
  readonly registers: Registers;
  readonly operations: Operations;
  readonly authentication: Authentication;
  readonly alerts = new Alerts();
  readonly #behaviours = new Behaviours();
  /** Commands that were carried out, in their order. */
  readonly executed: string[] = [];
  restoring = false;

  constructor(options: EgaugeOptions) {
    this.state = new MeterState(options);
    this.registers = new Registers(this.state);
    this.operations = new Operations(this.state);
    this.authentication = new Authentication(this.state);
    this.state.onBoot = (timeMs, isReset) => {
      if (isReset) this.alerts.clear();
      this.alerts.raise("pxyup", timeMs);
    };
  }

  get identification(): string {
    return this.state.identification;
  }

  get behaviours(): readonly Behaviour[] {
    return this.#behaviours.list;
  }

  behave(behaviour: Behaviour): void {
    this.#behaviours.add(behaviour);
    if (behaviour.kind === "clock-ahead") this.state.clockAheadMs = behaviour.ms;
    if (behaviour.kind === "token-life") this.authentication.tokenLife = behaviour.seconds;
    if (behaviour.kind === "slow-operations") this.operations.slowness = behaviour.times;
    if (behaviour.kind === "failing-operations") this.operations.failWith = behaviour.tag;
    if (behaviour.kind === "evaporating-operations") this.operations.evaporate = true;
    if (behaviour.kind === "coarse-rows") this.registers.coarse = behaviour.seconds;
    if (behaviour.kind === "register-gone") this.registers.gone.add(behaviour.name);
  }

  /** Behaves well again; what it did in the meantime stays done. */
  behaveWell(): void {
    this.#behaviours.clear();
    this.authentication.tokenLife = undefined;
    Object.assign(this.operations, { slowness: 1, failWith: undefined, evaporate: false });
    this.registers.coarse = undefined;
    this.registers.gone.clear();
  }

  /** What comes of a request; a meter that is down cuts every connection. */
  react(request: Request): Reaction {
    this.operations.settle();
    if (!this.state.isUp) return "cut";
    const { path } = request;
    const takes = (kind: Parameters<Behaviours["take"]>[0]) =>
      this.#behaviours.take(kind as "silent", path) !== undefined;
    if (takes("cut-before")) return "cut";
    if (takes("bad-gateway")) return BAD_GATEWAY;
    if (takes("silent")) return "silence";
    if (takes("no-json")) return "garbage";
    if (takes("endless")) return "flood";
    const answer = takes("lacks") ? NOT_FOUND : this.#answer(request);
    return takes("cut-after") ? "cut" : answer;
  }

  #answer(request: Request): Answer {
    const { method, path, body, authorization } = request;
    if (path.startsWith("/auth/")) return this.#authenticate(request);
    const bearer = this.#behaviours.take("forgets-tokens") ? undefined : this.authentication.bearer(authorization);
    if (!bearer) return this.authentication.unauthorized();
    const maySave = bearer.rights.includes("save") && !this.#behaviours.take("no-save");
    if (path.startsWith("/cmd/")) return method === "POST" ? this.#command(path.slice(5), body, maySave) : NOT_FOUND;
    if (path.startsWith("/config/") && (method === "PUT" || method === "POST")) {
      const isOwn = path === `/config/user/${bearer.user}`;
      if (!maySave && !isOwn) return this.authentication.unauthorized("Permission denied.");
      const answer = configure(this.state, method, path, body) ?? NOT_FOUND;
      this.#note(`${method} ${path}`, answer);
      if (answer.status === 200) this.alerts.raise("cfgchg", this.state.timeMs, path);
      return answer;
    }
    if (path === "/log/alert") {
      if (method !== "GET" && !maySave) return this.authentication.unauthorized("Permission denied.");
      return this.alerts.answer(method, request.query, body) ?? NOT_FOUND;
    }
    if (method !== "GET") return NOT_FOUND;
    if (path === "/register") return this.registers.answer(request.query);
    if (path.startsWith("/sys/status")) return this.operations.status(path.slice("/sys/status".length));
    return look(this.state, path) ?? NOT_FOUND;
  }

  #command(name: string, body: unknown, maySave: boolean): Answer {
    if (!maySave) return this.authentication.unauthorized("Permission denied.");
    const answer = command(this, name, body) ?? NOT_FOUND;
    this.#note(name, answer);
    const found = answer.body as { minimum?: string } | undefined;
    if (found?.minimum === undefined || !this.#behaviours.take("number-version")) return answer;
    return { ...answer, body: { ...found, minimum: Number.parseFloat(found.minimum) } };
  }

  /** Counts what was done, and not what was refused or asked for only. */
  #note(name: string, { status, body }: Answer): void {
    const { error, version } = (body ?? {}) as { error?: string; version?: string };
    if (status === 200 && error === undefined && version === undefined) this.executed.push(name);
  }

  #authenticate({ method, path, body, authorization }: Request): Answer {
    const bearer = this.authentication.bearer(authorization);
    switch (`${method} ${path}`) {
      case "GET /auth/unauthorized":
        return bearer ? { status: 200, body: { status: "Authorized." } } : this.authentication.unauthorized();
      case "POST /auth/login":
        if (this.#behaviours.take("stale-nonce")) return refusal("Invalid nonce.");
        return this.authentication.login(body);
      case "GET /auth/rights":
        return bearer
          ? { status: 200, body: { usr: bearer.user, rights: bearer.rights } }
          : this.authentication.unauthorized();
      case "GET /auth/logout":
        return this.authentication.logout(authorization);
      default:
        return NOT_FOUND;
    }
  }
}
