import assert from "node:assert/strict";
import type { ActionOutcome } from "../../../src/domain/request.ts";
import type { Confirmation } from "../../../src/operations/ekm.ts";
import { type MemoryRequest, MemoryWorld, seeded } from "./in-memory.ts";

const METERS = 50;
const COMMANDS = 20;

/** Requests whose effect can be told from all others of their meter, so that each execution is known. */
const KINDS = [
  (n: number) => ["SetPulseInputRatio", { line: 1 + (n % 3), ratio: n }] as const,
  (n: number) =>
    [
      "SetRelay",
      { relay: n % 2 ? "RELAY_1" : "RELAY_2", status: n % 4 < 2 ? "OPEN" : "CLOSED", durationS: 0 },
    ] as const,
  (n: number) => ["SetRelay", { relay: "RELAY_1", status: "CLOSED", durationS: 1000 + n }] as const,
  (n: number) => ["SetCTRatio", { ctRatio: [100, 200, 400, 600][n % 4]! }] as const,
  (n: number) => ["SetHolidayDates", { holidays: [{ month: 1 + (n % 12), day: 1 + (n % 28) }] }] as const,
  () => ["SetMaxDemandResetNow", {}] as const,
  () => ["SetLCD", { displayFields: ["kWh_Tot"] }] as const,
];

type Ending = "ANSWER" | "READING" | "OUTCOME_UNKNOWN" | "DEVICE_REFUSED" | string;

function endingOf(outcome: ActionOutcome): Ending {
  return outcome.ok ? (outcome.result as Confirmation).by : outcome.error.code;
}

for (const stream of ["http", "websocket"] as const) {
  describe(`a thousand commands to EKM meters over ${stream}`, () => {
    it("each end as they should, and none is executed twice, whatever comes on the channel", async () => {
      const world = new MemoryWorld({
        meters: Array.from({ length: METERS }, () => "v4" as const),
        gateway: { stream },
      });
      Object.assign(world.cloud.behaviour, {
        ...{ foreignShare: 0.5, lostShare: 0.1, lateShare: 0.1, lateMs: 75_000, twiceShare: 0.2, shuffleMs: 40_000 },
        ...{ busMs: 20, cutStreamCount: 5, cutCount: 20 },
      });
      // Whoever has another password refuses all.
      for (const meter of world.meters.slice(0, 3)) world.simulated(meter).password = "99999999";
      const random = seeded(11);
      const ended: { request: MemoryRequest; name: string; address: string; isFirst: boolean }[] = [];
      const everybody = world.meters.map(async (meter, m) => {
        for (let i = 0; i < COMMANDS; i++) {
          const [name, content] = KINDS[Math.floor(random() * KINDS.length)]!(m * COMMANDS + i);
          const request = world.request(meter, name, content);
          await request.run();
          ended.push({ request, name, address: meter.ekm.meterAddress, isFirst: m < 3 });
        }
      });
      await world.until(Promise.all(everybody), 500);
      // What is late comes after all.
      world.clock.advance(200_000);

      const counts = new Map<Ending, number>();
      for (const { request, isFirst } of ended) {
        const ending = endingOf(request.outcome!);
        counts.set(ending, (counts.get(ending) ?? 0) + 1);
        assert.equal(request.attempt, 1);
        // What was so already is as it was asked for, also when nobody heard the refusal.
        if (isFirst) assert.ok(["DEVICE_REFUSED", "OUTCOME_UNKNOWN", "READING"].includes(ending), ending);
        else assert.notEqual(ending, "DEVICE_REFUSED");
        if (!request.outcome!.ok && ending === "OUTCOME_UNKNOWN") {
          assert.match(request.outcome!.error.message, /a reading of 20|its tables|cannot be asked/);
        }
      }
      assert.deepEqual([...counts.keys()].sort(), ["ANSWER", "DEVICE_REFUSED", "OUTCOME_UNKNOWN", "READING"]);
      assert.equal(ended.length, METERS * COMMANDS);
      assert.ok(counts.get("ANSWER")! > ended.length / 2, JSON.stringify([...counts]));

      // Each command that was sent went to the meter once, and what is told as done was done.
      const { executions } = world.cloud;
      assert.equal(new Set(executions.map(({ msgId }) => msgId)).size, executions.length);
      for (const meter of world.meters) {
        const { meterAddress: address } = meter.ekm;
        const done = (name: string) =>
          executions.filter((each) => each.address === address && each.command === name && each.success).length;
        for (const name of new Set(ended.map((each) => each.name))) {
          const asked = ended.filter((each) => each.address === address && each.name === name);
          // Cuts come after the cloud has heard, so that not one is left undone either, except by who refuses.
          if (!asked.some(({ isFirst }) => isFirst)) assert.equal(done(name), asked.length, `${name} of ${address}`);
          const confirmed = asked.filter(({ request }) => endingOf(request.outcome!) === "ANSWER").length;
          assert.ok(done(name) <= asked.length, `${name} of ${address} was executed more often than it was asked for`);
          assert.ok(done(name) >= confirmed, `${name} of ${address} was confirmed more often than it was executed`);
        }
      }
      await world.close();
    });
  });
}
