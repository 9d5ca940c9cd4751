import assert from "node:assert/strict";
import fc from "fast-check";
import type { ActionOutcome, ClaimedRequest } from "../../src/domain/request.ts";
import type { RunEnd } from "../../src/requests/settle.ts";
import { type Environment, input, NOW_MS, openEnvironment, READ_ALL, SYNCHRONIZE } from "./environment.ts";

const LEASE_MS = 60_000;
const SECOND_MS = 1000;
const DONE: ActionOutcome = { ok: true, result: {} };
const NOT_NOW: ActionOutcome = { ok: false, error: { code: "DEVICE_REFUSED", message: "Not now.", retry: true } };
const LOST: RunEnd = { kind: "error", error: { code: "SOCKET_CLOSED_BY_REMOTE", message: "Cut." } };
const UNREACHABLE: RunEnd = { kind: "error", error: { code: "CONNECTION_REFUSED", message: "Nobody." } };

/** How an attempt goes; `obeyed` in the ones in which the meter did what it was told. */
const FATES = {
  works: { obeyed: true, outcome: DONE, end: { kind: "ran" } },
  "loses the answer": { obeyed: true, outcome: null, end: LOST },
  "does not reach the meter": { obeyed: false, outcome: null, end: UNREACHABLE },
  "is refused for now": { obeyed: false, outcome: NOT_NOW, end: { kind: "ran" } },
  "is put back": { obeyed: false, outcome: null, end: { kind: "snooze", delayMs: 90 * SECOND_MS } },
  "dies before": { obeyed: false, outcome: null, end: undefined },
  "dies after": { obeyed: true, outcome: null, end: undefined },
} as const satisfies Record<string, { obeyed: boolean; outcome: ActionOutcome | null; end: RunEnd | undefined }>;
type Fate = keyof typeof FATES;

interface Order {
  readonly device: string;
  readonly priority: number;
  readonly writes: boolean;
  readonly delayS: number;
  readonly lifeS: number | undefined;
  readonly bypassRetry: boolean;
}

type Event =
  | { readonly kind: "order"; readonly order: Order }
  | { readonly kind: "claim"; readonly worker: number; readonly most: number }
  | { readonly kind: "end"; readonly which: number; readonly fate: Fate }
  | { readonly kind: "pass"; readonly seconds: number };

const order: fc.Arbitrary<Order> = fc.record({
  device: fc.constantFrom("E1", "E1", "G1", "E2"),
  priority: fc.constantFrom(4, 4, 4, 9, 0),
  writes: fc.constantFrom(true, true, false),
  delayS: fc.constantFrom(0, 0, 0, 40, 300),
  lifeS: fc.constantFrom(undefined, undefined, 50, 400),
  bypassRetry: fc.constantFrom(false, false, false, true),
});
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 3, arbitrary: order.map((each) => ({ kind: "order" as const, order: each })) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("claim" as const),
      worker: fc.nat(1),
      most: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      which: fc.nat(5),
      fate: fc.constantFrom(...(Object.keys(FATES) as Fate[])),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("pass" as const), seconds: fc.constantFrom(1, 31, 61, 100) }) },
);

/** An order as the model knows it. */
interface Known extends Order {
  readonly number: number;
  readonly dueMs: number;
  /** Place among the writing orders of its devices that were begun. */
  begun: number | undefined;
  obeyed: boolean;
}

/** The meter that is connected to, and who is written to. */
const routeOf = ({ device }: Order) => (device === "G1" ? "E1" : device);

/** Orders for meters, and what the meters have of them: each keeps the number of the order that it obeyed last. */
class World {
  readonly #environment: Environment;
  readonly #known = new Map<string, Known>();
  #running: ClaimedRequest[] = [];
  readonly #meters = new Map<string, number>();
  #begun = 0;

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  async apply(event: Event): Promise<void> {
    const { clock } = this.#environment;
    if (event.kind === "order") await this.#accept(event.order);
    if (event.kind === "claim") await this.#claim(event.worker, event.most);
    if (event.kind === "end") await this.#end(event.which, event.fate);
    if (event.kind === "pass") clock.advance(event.seconds * SECOND_MS);
  }

  async #accept(order: Order): Promise<void> {
    const { acceptance, clock } = this.#environment;
    const dueMs = clock.now() + order.delayS * SECOND_MS;
    const { correlationUid } = await acceptance.accept(
      input({
        device: order.device,
        actions: [order.writes ? SYNCHRONIZE : READ_ALL],
        scheduling: {
          priority: order.priority,
          bypassRetry: order.bypassRetry,
          ...(order.delayS > 0 && { scheduleTimeMs: dueMs }),
          ...(order.lifeS !== undefined && { maxScheduleTimeMs: clock.now() + order.lifeS * SECOND_MS }),
        },
      }),
    );
    const number = this.#known.size + 1;
    this.#known.set(correlationUid, { ...order, number, dueMs, begun: undefined, obeyed: false });
  }

  async #claim(worker: number, most: number): Promise<void> {
    const { queue, clock } = this.#environment;
    const { overdue, requests } = await queue.claim(`worker ${worker}`, most, LEASE_MS);
    await queue.settleOverdue(overdue);
    for (const request of requests) {
      const known = this.#known.get(request.correlationUid)!;
      if (!known.writes || known.begun !== undefined) continue;
      for (const other of this.#known.values()) {
        const isOlder = other.number < known.number && other.dueMs <= clock.now() && other.priority >= known.priority;
        const isOpen = other.begun === undefined && (await this.#isOpen(other));
        if (other.writes && routeOf(other) === routeOf(known) && isOlder && isOpen) {
          assert.fail(`order ${known.number} began before ${other.number}, which is older and no less urgent`);
        }
      }
      known.begun = ++this.#begun;
    }
    this.#running.push(...requests);
  }

  async #isOpen({ number }: Known): Promise<boolean> {
    const [uid] = [...this.#known].find(([, known]) => known.number === number)!;
    return (await this.#environment.store.requests.find(uid))?.finishedMs === undefined;
  }

  async #end(which: number, fate: Fate): Promise<void> {
    const { queue } = this.#environment;
    if (this.#running.length === 0) return;
    const [request] = this.#running.splice(which % this.#running.length, 1);
    const { obeyed, outcome, end } = FATES[fate];
    const known = this.#known.get(request!.correlationUid)!;
    if (obeyed && known.writes) {
      known.obeyed = true;
      this.#meters.set(routeOf(known), known.number);
    }
    if (end) await queue.settle(request!, [outcome], end);
    else await queue.rescue(request!);
  }

  /** Nothing goes wrong any more, until all orders have ended. */
  async finish(): Promise<void> {
    for (let round = 0; round < 400; round++) {
      await this.#claim(0, 10);
      while (this.#running.length > 0) await this.#end(0, "works");
      if (this.#environment.store.sql.rows("select id from request where finished_ms is null").length === 0) return;
      this.#environment.clock.advance(10 * SECOND_MS);
    }
    assert.fail("some orders never end");
  }

  /** Each meter has the last of the orders that it obeyed, in the order in which they were begun. */
  check(): void {
    for (const meter of ["E1", "E2"]) {
      const obeyed = [...this.#known.values()].filter((known) => routeOf(known) === meter && known.obeyed);
      const last = obeyed.sort((a, b) => a.begun! - b.begun!).at(-1);
      assert.equal(this.#meters.get(meter), last?.number, `${meter} has another order than the last one`);
    }
  }
}

describe("orders for meters, with retries, deaths and all", () => {
  let environment: Environment;

  before(async () => {
    environment = await openEnvironment();
  });
  after(() => environment.close());

  it("leave each meter with the last of the orders that it obeyed", async () => {
    const property = fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 60, size: "max" }), async (events) => {
      environment.store.sql.run("delete from request");
      const world = new World(environment);
      for (const each of events) await world.apply(each);
      await world.finish();
      world.check();
    });
    await fc.assert(property, { numRuns: 25, endOnFailure: true });
  });

  it("leave a meter with the second day's order when the first day's had to be tried again", async () => {
    const world = new World(environment);
    environment.store.sql.run("delete from request");
    const day: Order = { device: "E1", priority: 4, writes: true, delayS: 0, lifeS: undefined, bypassRetry: false };
    await world.apply({ kind: "order", order: day });
    await world.apply({ kind: "claim", worker: 0, most: 1 });
    await world.apply({ kind: "end", which: 0, fate: "does not reach the meter" });
    await world.apply({ kind: "order", order: day });
    await world.finish();
    world.check();
    assert.ok(environment.clock.now() > NOW_MS);
  });
});
