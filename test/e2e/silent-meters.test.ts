import assert from "node:assert/strict";
import { demoDevicesFile } from "../../src/cli/demo-fleet.ts";
import { importDevices } from "../../src/devices/import.ts";
import { FAMILIES } from "../../src/families.ts";
import { ManualClock, nextTurn, since } from "../../src/lib/clock.ts";
import { silent } from "../../src/simulators/dlms/behaviours.ts";
import { type Fleet, startFleet } from "../../src/simulators/dlms/fleet.ts";
import { floods } from "../../src/simulators/dlms/hostile-behaviours.ts";
import { sample, startWorld, type World } from "./harness.ts";

const GOOD = "TEST1024000000001";
const FLOODING = "TEST1051000000001";
const SILENT = 130;
const PLACES = 100;
const RESPONSE_TIMEOUT_MS = 7_200_000;

describe("meters that say nothing, and one that never stops", () => {
  let world: World;
  let crowd: Fleet;
  const clock = new ManualClock(Date.UTC(2026, 0, 2, 3, 4, 5));

  before(async () => {
    const settings = {
      METERGATE_WORKER_CONCURRENCY: `${PLACES}`,
      METERGATE_RESPONSE_TIMEOUT_MS: `${RESPONSE_TIMEOUT_MS}`,
    };
    world = await startWorld(settings, { clock });
    const names = Array.from({ length: SILENT }, (_, i) => `TEST1052${String(100_000_000 + i)}`);
    crowd = await startFleet(names.map((identification) => ({ identification, profile: "smr5.2" })));
    const { devices } = JSON.parse(demoDevicesFile([world.meter("TEST1052000000001")]));
    const entries = crowd.meters.map(({ identification, port }) => ({ ...devices[0], identification, port }));
    for (const meter of crowd.meters) meter.behaviours.add(silent());
    const { store, vault } = world.service;
    await importDevices(JSON.stringify({ devices: entries }), {
      families: FAMILIES,
      ...{ store, vault, clock, replaceKeys: true },
    });
    world.meter(FLOODING).behaviours.add(floods(500));
  });

  after(async () => {
    await world.stop();
    await crowd.close();
  });

  const ask = async (device: string) => {
    const sent = await world.client.send(sample("GetFirmwareVersion", [GOOD, device]));
    assert.ok("correlationUid" in sent, "fault" in sent ? sent.fault.xml : "");
    return sent;
  };

  it("do not keep the others from being answered", async () => {
    const { worker } = world.service;
    for (const { identification } of crowd.meters) await ask(identification);
    while (worker.running().length < PLACES) await nextTurn();
    const flooding = await ask(FLOODING);
    const good = await ask(GOOD);
    const begun = clock.elapsed();
    let answer: Awaited<ReturnType<typeof world.client.fetchResult>>;
    while (!answer) {
      clock.advance(1_000);
      answer = await world.client.fetchResult(good);
      assert.ok(since(clock, begun) < RESPONSE_TIMEOUT_MS, "waited for the silent ones");
    }
    assert.equal(answer.element, "GetFirmwareVersionResponse", answer.xml);
    const stillSilent = worker.running().filter(({ device }) => device !== FLOODING).length;
    assert.ok(stillSilent >= PLACES, `${stillSilent} silent ones are still waited for`);
    while (!(await world.client.fetchResult(flooding))) clock.advance(100);
  });
});
