import assert from "node:assert/strict";
import { DlmsAdapter } from "../../../src/adapters/dlms/adapter.ts";
import type { Device } from "../../../src/domain/device.ts";
import { MetergateError } from "../../../src/domain/errors.ts";
import type { Action, ActionOutcome } from "../../../src/domain/request.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import { behaviourFromJson } from "../../../src/simulators/dlms/behaviour-catalogue.ts";
import { startMeter } from "../../../src/simulators/dlms/fleet.ts";
import type { SimulatedMeter } from "../../../src/simulators/dlms/simulated-meter.ts";
import { quietRun } from "../quiet-run.ts";
import { keysAtRest, TestCounters, TestMessages, TestRecords, TestSecrets, testDevice } from "./devices.ts";

const ACTIONS: readonly Action[] = [
  { operation: "GetFirmwareVersion", request: {} },
  { operation: "SetAdministrativeStatus", request: { status: "ON" } },
  { operation: "GetAdministrativeStatus", request: {} },
  { operation: "GetAssociationLnObjects", request: {} },
];
/** For meters that say nothing: the time passes for real. */
const SHORT = { connectTimeoutMs: 5000, responseTimeoutMs: 100, lls1ResponseTimeoutMs: 100 };
const USUAL = { connectTimeoutMs: 5000, responseTimeoutMs: 15_000, lls1ResponseTimeoutMs: 15_000 };

const PATIENT_WITH = [
  { name: "late", ms: 20 },
  { name: "slow-accept", ms: 20 },
  { name: "accepts-any-counter" },
  { name: "restarts-counter" },
  { name: "small-pdu", octets: 128 },
  { name: "wrong-release-length" },
  { name: "exception-on-release" },
  { name: "closes-on-release" },
  { name: "one-client-at-a-time" },
  { name: "action-without-return-octet" },
  { name: "denies-unknown-objects" },
  { name: "short-challenges-only" },
  { name: "names-protocol-version" },
  { name: "in-pieces", octets: 3 },
];

describe("meters with a mind of their own", () => {
  let running: { meter: SimulatedMeter; port: number; close(): Promise<void> };
  let counters: TestCounters;
  afterEach(() => running.close());

  async function start(behaviours: readonly unknown[], useHdlc = false): Promise<Device> {
    const identification = "TEST1024000000001";
    running = await startMeter({ identification, profile: "smr5.1" }, { useHdlc });
    for (const behaviour of behaviours) running.meter.behaviours.add(behaviourFromJson(behaviour));
    return testDevice({
      identification,
      protocol: "SMR 5.1",
      address: { port: running.port, useHdlc, withListMax: 8 },
    });
  }

  async function run(device: Device, { counter = null as number | null, timeouts = USUAL } = {}): Promise<string[]> {
    counters = new TestCounters(counter);
    const { encryptionUnicast, authentication } = running.meter.keys;
    const adapter = new DlmsAdapter({
      keys: keysAtRest(
        new TestSecrets({
          E_METER_ENCRYPTION_KEY_UNICAST: encryptionUnicast,
          E_METER_AUTHENTICATION_KEY: authentication,
        }),
      ),
      counters,
      records: new TestRecords(),
      messages: new TestMessages(),
      firmware: {
        find: async () => undefined,
        transfer: async () => undefined,
        saveTransfer: async () => {},
        endTransfer: async () => {},
      },
      clock: systemClock,
      random: systemRandom,
      timeouts,
    });
    const ended: string[] = [];
    await adapter.run({
      ...quietRun(),
      correlationUid: "uid",
      caller: { organisation: "org", userName: "user", applicationName: "app" },
      target: device,
      device,
      actions: ACTIONS,
      findDevice: async () => undefined,
      isAuthorised: async () => true,
      finished: [null, null, null, null],
      report: async (_position, outcome: ActionOutcome) => {
        ended.push(outcome.ok ? "ok" : outcome.error.code);
      },
    });
    return ended;
  }

  const ALL_OK = ["ok", "ok", "ok", "ok"];

  for (const behaviour of PATIENT_WITH) {
    it(`are served when they are: ${behaviour.name}`, async () => {
      assert.deepEqual(await run(await start([behaviour])), ALL_OK);
    });
  }

  it("are served over HDLC when their APDUs and frames are cut", async () => {
    const behaviours = [
      { name: "in-pieces", octets: 1 },
      { name: "small-pdu", octets: 256 },
    ];
    assert.deepEqual(await run(await start(behaviours, true)), ALL_OK);
  });

  for (const answer of ["expected-counter", "deciphering-error", "silence"]) {
    it(`are served with a counter too low that they answer with ${answer}`, async () => {
      const device = await start([{ name: "low-counter", answer }]);
      const timeouts = answer === "silence" ? SHORT : USUAL;
      assert.deepEqual(await run(device, { counter: 1, timeouts }), ALL_OK);
      assert.ok((counters.next ?? 0) > running.meter.meter.profile.initialInvocationCounter);
    });
  }

  for (const [behaviour, code, timeouts] of [
    [{ name: "silent" }, "RESPONSE_TIMEOUT", SHORT],
    [{ name: "deaf" }, "RESPONSE_TIMEOUT", SHORT],
    [{ name: "cut-connection", number: 4 }, "SOCKET_CLOSED_BY_REMOTE", USUAL],
    [{ name: "wrong-tag" }, "UNABLE_TO_DECYPHER", USUAL],
    [{ name: "replayed-counter" }, "UNABLE_TO_DECYPHER", USUAL],
  ] as const) {
    it(`end the run with ${code} when they are: ${behaviour.name}`, async () => {
      const device = await start([behaviour]);
      const failed = await run(device, { counter: 20_000, timeouts }).then(
        (ended) => ended.join(),
        (error: unknown) => (error instanceof MetergateError ? error.code : String(error)),
      );
      assert.equal(failed, code);
    });
  }

  it("fail action by action when they answer with octets that make no sense inside a frame that is right", async () => {
    const device = await start([{ name: "nonsense" }]);
    assert.deepEqual(
      await run(device, { counter: 20_000 }),
      ACTIONS.map(() => "ILLEGAL_RESPONSE"),
    );
  });
});
