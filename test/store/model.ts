import assert from "node:assert/strict";
import fc from "fast-check";
import { ManualClock } from "../../src/lib/clock.ts";
import type { Fence, Settlement } from "../../src/store/requests.ts";
import type { Store } from "../../src/store/store.ts";
import type { OpenStore } from "./conformance.ts";
import { newRequest } from "./new-request.ts";

/** One request as the model knows it. */
interface ModelRequest {
  readonly uid: string;
  readonly route: string;
  /** Itself, or an M-Bus device behind it. */
  readonly device: string;
  readonly writes: boolean;
  priority: number;
  state: "waiting" | "running" | "succeeded" | "failed";
  dueMs: number;
  attempt: number;
  leaseUntilMs: number;
}

interface Model {
  nowMs: number;
  readonly requests: ModelRequest[];
  /** Every fence that was ever handed out, so that commands can try old ones. */
  readonly fences: { readonly index: number; readonly attempt: number }[];
}

interface Real {
  readonly store: Store;
  readonly clock: ManualClock;
  readonly ids: Map<string, number>;
}

type Command = fc.AsyncCommand<Model, Real>;
const LEASE_MS = 50;

/** Another request that writes to one of the same devices was begun and has not ended. */
function isHeldBack(request: ModelRequest, { requests }: Model): boolean {
  const devices = [request.device, request.route];
  return requests.some(
    (other) =>
      other !== request &&
      other.writes &&
      other.attempt > 0 &&
      (other.state === "waiting" || other.state === "running") &&
      (devices.includes(other.device) || devices.includes(other.route)),
  );
}

/** What is due, by priority and then age. */
function lineOf({ requests, nowMs }: Model): ModelRequest[] {
  return requests
    .map((request, age) => ({ request, age }))
    .filter(({ request }) => request.state === "waiting" && request.dueMs <= nowMs)
    .sort((a, b) => b.request.priority - a.request.priority || a.age - b.age)
    .map(({ request }) => request);
}

/**
 * What a claim must take if there is room: due, one per device that runs nothing, by priority and then age; of those that write to a
 * device, one at a time from its first attempt to its end.
 */
function expectedClaim(model: Model): ModelRequest[] {
  const busy = new Set(model.requests.filter(({ state }) => state === "running").map(({ route }) => route));
  const taken: ModelRequest[] = [];
  for (const request of lineOf(model)) {
    if (busy.has(request.route)) continue;
    const turns = taken.filter(({ writes }) => writes).flatMap(({ device, route }) => [device, route]);
    const isBlocked = isHeldBack(request, model) || turns.includes(request.device) || turns.includes(request.route);
    if (request.writes && isBlocked) continue;
    busy.add(request.route);
    taken.push(request);
  }
  return taken;
}

class Insert implements Command {
  readonly fields: {
    readonly route: number;
    readonly mbus: boolean;
    readonly writes: boolean;
    readonly priority: number;
    readonly delayMs: number;
  };
  constructor(fields: Insert["fields"]) {
    this.fields = fields;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const { route, mbus, writes, priority, delayMs } = this.fields;
    const uid = `uid-${model.requests.length}`;
    const routeDevice = `E${route}`;
    // The M-Bus device moves about: it is behind whichever meter the request says.
    const device = mbus ? "G1" : routeDevice;
    const scheduling = { priority, bypassRetry: false, scheduleTimeMs: model.nowMs + delayMs };
    const request = newRequest(uid, { device, routeDevice, writes, scheduling, acceptedMs: model.nowMs });
    await real.store.requests.accept({ request, entries: [] });
    real.ids.set(uid, (await real.store.requests.find(uid))!.id);
    const dueMs = model.nowMs + delayMs;
    const unbegun = { state: "waiting", dueMs, attempt: 0, leaseUntilMs: 0 } as const;
    model.requests.push({ uid, route: routeDevice, device, writes, priority, ...unbegun });
  }
  toString = () => `insert(${JSON.stringify(this.fields)})`;
}

class Claim implements Command {
  readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const line = lineOf(model);
    const eligible = expectedClaim(model);
    const order = { worker: "w", leaseMs: LEASE_MS, limit: this.limit };
    const { requests } = await real.store.requests.claim(order);
    const uids = requests.map(({ correlationUid }) => correlationUid);
    const expected = uids.map((uid) => eligible.find((each) => each.uid === uid)!);
    // All of one line, so in its order, unless the next one was put aside until a second look.
    assert.deepEqual([...uids].sort(), expected.map((each) => each?.uid).sort(), "something was claimed too early");
    assert.equal(uids.length, Math.min(this.limit, eligible.length));
    for (const passed of eligible.slice(0, this.limit).filter((each) => !expected.includes(each))) {
      // Only what was hidden behind a write of its own device that waits for its turn may be passed by other devices.
      const ahead = line.slice(0, line.indexOf(passed));
      const hidden = ahead.some((each) => each.route === passed.route && each.writes && !expected.includes(each));
      assert.ok(hidden, `${passed.uid} was passed over`);
    }
    for (const request of expected) {
      request.state = "running";
      request.attempt += 1;
      request.leaseUntilMs = model.nowMs + LEASE_MS;
      model.fences.push({ index: model.requests.indexOf(request), attempt: request.attempt });
    }
  }
  toString = () => `claim(${this.limit})`;
}

/** Somebody who held a request, now or earlier, wants to end the run. */
class Settle implements Command {
  readonly which: number;
  readonly to: "succeeded" | "failed" | "retried";
  constructor(which: number, to: Settle["to"]) {
    this.which = which;
    this.to = to;
  }
  check = (model: Readonly<Model>) => model.fences.length > 0;
  async run(model: Model, real: Real): Promise<void> {
    // Mostly the latest ones, which are still held.
    const { index, attempt } = model.fences.at(-(this.which % model.fences.length) - 1)!;
    const request = model.requests[index]!;
    const mine = request.state === "running" && request.attempt === attempt;
    const priority = Math.max(0, request.priority - 1);
    const dueMs = model.nowMs + 20;
    const settlement: Settlement =
      this.to === "succeeded"
        ? { to: "succeeded" }
        : this.to === "failed"
          ? { to: "failed", error: { code: "INTERNAL", message: "x" } }
          : { to: "waiting", ending: "retried", dueMs, priority, retries: 1 };
    const fence: Fence = { id: real.ids.get(request.uid)!, state: "running", attempt };
    const settled = await real.store.requests.settle(fence, settlement);
    assert.equal(settled, mine);
    if (!mine) return;
    if (this.to === "retried") Object.assign(request, { state: "waiting", dueMs, priority });
    else request.state = this.to;
  }
  toString = () => `${this.to}(${this.which})`;
}

/** Puts back whatever runs on an ended lease. */
class Rescue implements Command {
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    const running = model.requests.filter(({ state }) => state === "running");
    const expected = running.filter(({ leaseUntilMs }) => leaseUntilMs < model.nowMs);
    const leases = await real.store.requests.leases();
    const shown = leases.map(({ id, leaseUntilMs }) => [id, leaseUntilMs]).sort();
    assert.deepEqual(shown, running.map(({ uid, leaseUntilMs }) => [real.ids.get(uid), leaseUntilMs]).sort());
    for (const { id, attempt } of leases.filter(({ leaseUntilMs }) => leaseUntilMs < model.nowMs)) {
      const { priority } = (await real.store.requests.findRunning({ id, attempt }))!.scheduling;
      const settlement: Settlement = { to: "waiting", ending: "retried", dueMs: model.nowMs, priority, retries: 1 };
      assert.ok(await real.store.requests.settle({ id, state: "running", attempt }, settlement));
    }
    for (const request of expected) Object.assign(request, { state: "waiting", dueMs: model.nowMs });
  }
  toString = () => "rescue";
}

class Pass implements Command {
  readonly byMs: number;
  constructor(byMs: number) {
    this.byMs = byMs;
  }
  check = () => true;
  async run(model: Model, real: Real): Promise<void> {
    model.nowMs += this.byMs;
    real.clock.advance(this.byMs);
  }
  toString = () => `pass(${this.byMs})`;
}

const COMMANDS = [
  fc
    .record({
      route: fc.nat(2),
      mbus: fc.nat(3).map((n) => n === 0),
      writes: fc.boolean(),
      priority: fc.nat(9),
      delayMs: fc.constantFrom(0, 0, 10),
    })
    .map((fields) => new Insert(fields)),
  fc.integer({ min: 1, max: 4 }).map((limit) => new Claim(limit)),
  fc
    .tuple(fc.nat(6), fc.constantFrom("succeeded" as const, "failed" as const, "retried" as const))
    .map(([which, to]) => new Settle(which, to)),
  fc.constant(new Rescue()),
  fc.constantFrom(1, 10, 51).map((byMs) => new Pass(byMs)),
];

/** Random commands do to the store what they do to a model of it. */
export function describeStoreModel(name: string, open: OpenStore, numRuns = 40): void {
  it(`the store over ${name} claims, ends, retries and rescues as its model does, in any order`, async () => {
    const property = fc.asyncProperty(fc.commands(COMMANDS, { maxCommands: 120, size: "max" }), async (commands) => {
      const clock = new ManualClock(1000);
      const store = await open(clock);
      try {
        const real = { store, clock, ids: new Map<string, number>() };
        await fc.asyncModelRun(() => ({ model: { nowMs: 1000, requests: [], fences: [] }, real }), commands);
      } finally {
        await store.close();
      }
    });
    await fc.assert(property, { numRuns });
  });
}
