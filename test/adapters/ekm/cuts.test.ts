import assert from "node:assert/strict";
import { MetergateError } from "../../../src/domain/errors.ts";
import type { SimulatedEkmMeter } from "../../../src/simulators/ekm/meter.ts";
import { type Cut, type MemoryRequest, MemoryWorld } from "./in-memory.ts";

interface Case {
  readonly operation: string;
  readonly request: object;
  /** What the meter is given, where that is called otherwise. */
  readonly command?: string;
  readonly effect: "reads" | "writes" | "moves";
  isDone?(meter: SimulatedEkmMeter): boolean;
}

const hex = (text: string) => Buffer.from(text).toString("hex");
const CASES: readonly Case[] = [
  {
    ...{ operation: "SetRelay", effect: "moves" },
    request: { relay: "RELAY_2", status: "CLOSED", durationS: 0 },
    isDone: (meter) => meter.relays[1]!.held,
  },
  // Back before a reading can show it.
  { operation: "SetRelay", effect: "moves", request: { relay: "RELAY_1", status: "CLOSED", durationS: 5 } },
  { operation: "SetMaxDemandResetNow", effect: "moves", request: {} },
  { operation: "SetZeroResettableKWH", effect: "moves", request: {} },
  {
    ...{ operation: "SetMeterPassword", effect: "moves", request: { password: hex("24681357") } },
    isDone: (meter) => meter.password === "24681357",
  },
  {
    ...{ operation: "GenerateAndReplaceKeys", effect: "moves", request: {}, command: "SetMeterPassword" },
    isDone: (meter) => meter.password !== "00000000",
  },
  { operation: "SetCTRatio", effect: "writes", request: { ctRatio: 800 }, isDone: (meter) => meter.ctRatio === 800 },
  {
    operation: "SetLCD",
    effect: "writes",
    request: { displayFields: ["Line_Freq"] },
    isDone: (m) => m.display[0] === 28,
  },
  { operation: "GetSchedules", effect: "reads", request: {} },
  { operation: "ReadMeter", effect: "reads", request: { count: 1 } },
];

/** As the worker does: again while trying again can help, a few times. */
async function runToTheEnd(world: MemoryWorld, request: MemoryRequest, first: AbortSignal): Promise<void> {
  for (let attempt = 1; !request.outcome; attempt++) {
    const signal = attempt === 1 ? first : new AbortController().signal;
    try {
      await world.until(request.run(signal));
    } catch (error) {
      const isDead = attempt === 1 && first.aborted;
      if (isDead) world.restart();
      else if (!(error instanceof MetergateError && error.retry) || attempt > 5) throw error;
    }
  }
}

/** What a run says to the cloud and notes, in order. */
async function stepsOf({ operation, request: content }: Case): Promise<string[]> {
  const world = new MemoryWorld({ gateway: { responseHost: "ns4.ekmpush.com" } });
  const steps: string[] = [];
  world.transport.onExchange = (what) => {
    steps.push(what);
    return "none";
  };
  const request = world.request(world.meters[0]!, operation, content);
  request.onNote = (when) => void steps.push(`note ${when}`);
  await world.until(request.run());
  assert.ok(request.outcome?.ok);
  await world.close();
  return steps;
}

/** One run in which something happens at a step, and whatever it takes until the request has ended. */
async function disturbed(each: Case, at: number, fate: Cut, isKilled: boolean) {
  const world = new MemoryWorld({ gateway: { responseHost: "ns4.ekmpush.com" } });
  const meter = world.meters[0]!;
  const request = world.request(meter, each.operation, each.request);
  const process = new AbortController();
  let step = 0;
  const happens = () => step++ === at;
  world.transport.onExchange = () => {
    if (!happens()) return "none";
    if (isKilled) process.abort(new Error("killed"));
    return fate;
  };
  request.onNote = () => {
    if (happens() && isKilled) process.abort(new Error("killed"));
  };
  await runToTheEnd(world, request, process.signal);
  // What is on its way comes to its end.
  world.clock.advance(400_000);
  return { world, meter, simulated: world.simulated(meter), outcome: request.outcome! };
}

describe("a cut or a kill at each step of a command to an EKM meter", () => {
  for (const each of CASES) {
    const { operation, effect, isDone } = each;
    it(`loses no request and does nothing twice: ${operation} ${JSON.stringify(each.request)}`, async () => {
      const steps = await stepsOf(each);
      assert.ok(steps.length >= (operation === "ReadMeter" ? 1 : 2), steps.join());
      for (let at = 0; at < steps.length; at++) {
        for (const [fate, isKilled] of [
          ["before", false],
          ["after", false],
          ["before", true],
          ["after", true],
        ] as const) {
          const how = `${isKilled ? "killed" : "cut"} ${fate} ${steps[at]}`;
          const { world, simulated, outcome } = await disturbed(each, at, fate, isKilled);
          const executed = simulated.executed.get(each.command ?? operation) ?? 0;
          if (effect === "moves") assert.ok(executed <= 1, `${how}: executed ${executed} times`);
          if (outcome.ok) assert.ok(effect === "reads" || executed >= 1, `${how}: confirmed, and not executed`);
          else assert.equal(outcome.error.code, "OUTCOME_UNKNOWN", `${how}: ${outcome.error.message}`);
          if (outcome.ok && isDone) assert.ok(isDone(simulated), how);
          // What the same again does no harm to is done in the end, unless the cloud alone knows what became of it.
          if (effect === "writes" && isKilled) assert.ok(isDone!(simulated), how);
          await world.close();
        }
      }
    });
  }

  it("leaves a meter whose new password nobody confirmed open to the next command", async () => {
    const each = CASES.find(({ operation }) => operation === "SetMeterPassword")!;
    const steps = await stepsOf(each);
    for (let at = 0; at < steps.length; at++) {
      for (const fate of ["before", "after"] as const) {
        const { world, meter, simulated } = await disturbed(each, at, fate, true);
        const next = world.request(meter, "SetCTRatio", { ctRatio: 5000 });
        await world.until(next.run());
        assert.ok(next.outcome?.ok, JSON.stringify(next.outcome));
        const active = await world.vault.getActive(meter.identification, "EKM_METER_PASSWORD");
        assert.equal(active ? Buffer.from(active).toString() : "00000000", simulated.password);
        await world.close();
      }
    }
  });
});
