import assert from "node:assert/strict";
import fc from "fast-check";
import {
  receiveCancelDrlcEvent,
  receiveCancelMessage,
  receiveDrlcEvent,
  receiveMessage,
  receivePrice,
} from "../../../src/simulators/smart-energy/received.ts";
import { toUtc2000 } from "../../../src/smart-energy/values.ts";
import { GatewayWorld, MINUTE, START } from "./gateway-world.ts";

const KINDS = { drlc: "updated_active_DRLC_events", price: "updated_active_price", message: "updated_active_message" };
type Kind = keyof typeof KINDS;

/** Something that a gateway hears; minutes since the start, and since what it heard before. */
interface Heard {
  readonly afterMinutes: number;
  readonly kind: Kind;
  readonly id: number;
  readonly startsIn: number;
  readonly lasts: number;
  /** In place of all that: the event, or the message, is taken back; an event so many minutes later. */
  readonly cancelIn: number | undefined;
}

const HEARD: fc.Arbitrary<Heard> = fc.record({
  afterMinutes: fc.nat(20),
  kind: fc.constantFrom<Kind>("drlc", "price", "message"),
  id: fc.integer({ min: 1, max: 6 }),
  startsIn: fc.integer({ min: -10, max: 40 }),
  lasts: fc.integer({ min: 1, max: 40 }),
  cancelIn: fc.option(fc.nat(15), { nil: undefined, freq: 3 }),
});

/** What is said of lists, in the words of the interface: who is kept from when until when. */
class Model {
  #kept: { id: number; from: number; until: number }[] = [];
  readonly #kind: Kind;

  constructor(kind: Kind) {
    this.#kind = kind;
  }

  hear({ id, startsIn, lasts, cancelIn }: Heard, now: number): void {
    this.#kept = this.#kept.filter(({ until }) => until > now);
    if (cancelIn !== undefined && this.#kind !== "price") {
      this.#cancel(id, now, cancelIn);
      return;
    }
    const [from, until] = [now + startsIn, now + startsIn + lasts];
    if (until <= now || this.#kept.some((each) => each.id === id)) return;
    if (this.#kind !== "drlc") {
      const others = this.#kept.filter((each) => each.from < until && from < each.until);
      // The later number counts; what it overlaps is over when it begins.
      if (others.some((other) => other.id > id)) return;
      this.#kept = this.#kept.filter((each) => !others.includes(each) || each.from < from);
      for (const each of others) each.until = Math.min(each.until, from);
    }
    this.#kept.push({ id, from, until });
  }

  #cancel(id: number, now: number, cancelIn: number): void {
    const event = this.#kept.find((each) => each.id === id);
    if (!event) return;
    const until = this.#kind === "drlc" ? now + cancelIn : now;
    event.until = Math.min(event.until, until);
    this.#kept = this.#kept.filter((each) => each !== event || event.until > now);
  }

  active(now: number): number[] {
    const active = this.#kept.filter(({ from, until }) => from <= now && now < until);
    return active.map(({ id }) => id).sort();
  }
}

/** Has a gateway hear something now. */
function hear(world: GatewayWorld, { kind, id, startsIn, lasts, cancelIn }: Heard, now: number): void {
  const { gateway } = world;
  const start_time = toUtc2000(START + (now + startsIn) * MINUTE);
  const times = { start_time, duration_in_minutes: lasts };
  if (kind === "price") receivePrice(gateway, { issuer_event_id: id, price: 1, ...times });
  else if (kind === "message") {
    if (cancelIn === undefined) receiveMessage(gateway, { message_id: id, message: "x", ...times });
    else receiveCancelMessage(gateway, { message_id: id });
  } else if (cancelIn === undefined) receiveDrlcEvent(gateway, { issuer_event_id: id, ...times });
  else {
    const effective_time = cancelIn === 0 ? 0 : toUtc2000(START + (now + cancelIn) * MINUTE);
    receiveCancelDrlcEvent(gateway, { issuer_event_id: id, effective_time });
  }
}

/** What was told of active sets: `12 price 3`, with the numbers in order. */
function toldOf(world: GatewayWorld): string[] {
  return world.told().flatMap((line) => {
    const [minute, name, ...rest] = line.split(" ");
    const kind = (Object.keys(KINDS) as Kind[]).find((each) => KINDS[each] === name);
    const ids = rest.join(" ").match(/\d+/g) ?? [];
    return kind ? [`${minute} ${kind} ${ids.map(Number).sort().join()}`] : [];
  });
}

describe("active sets of a gateway, whatever it hears", () => {
  it("are told when they change and at no other moment, and never hold two prices or two messages", () => {
    fc.assert(
      fc.property(fc.array(HEARD, { minLength: 1, maxLength: 25 }), (all) => {
        const world = new GatewayWorld();
        const models = { drlc: new Model("drlc"), price: new Model("price"), message: new Model("message") };
        const known: Record<Kind, string> = { drlc: "", price: "", message: "" };
        const expected: string[] = [];
        const told: string[] = [];
        let now = 0;
        const look = () => {
          for (const kind of Object.keys(KINDS) as Kind[]) {
            const active = models[kind].active(now).join();
            if (active !== known[kind]) expected.push(`${now} ${kind} ${active}`);
            known[kind] = active;
          }
          told.push(...toldOf(world));
          assert.ok(world.gateway.receivedPrices.active().length <= 1);
          assert.ok(world.gateway.receivedMessages.active().length <= 1);
        };
        const pass = () => {
          world.pass(1);
          now += 1;
          look();
        };
        for (const heard of all) {
          for (let i = 0; i < heard.afterMinutes; i++) pass();
          models[heard.kind].hear(heard, now);
          hear(world, heard, now);
          look();
        }
        // Until nothing can be active any more.
        for (let i = 0; i < 100; i++) pass();
        world.gateway.stop();
        assert.deepEqual(told.sort(), expected.sort());
        assert.deepEqual(Object.values(known), ["", "", ""]);
      }),
      { numRuns: 100 },
    );
  });
});
