import assert from "node:assert/strict";
import type { Device } from "../../../src/domain/device.ts";
import type { Action, ActionOutcome } from "../../../src/domain/request.ts";
import type { KnownOperation } from "../../../src/operations/registry.ts";
import { withCode } from "./devices.ts";
import { NOW_MS, type Refusal, type Running, refuseSet, startMeter } from "./operations/running.ts";

const SWITCH_ON: Action = { operation: "SetAdministrativeStatus", request: { status: "ON" } };
const SWITCH_OFF: Action = { operation: "SetAdministrativeStatus", request: { status: "OFF" } };
const READ: Action = { operation: "GetAdministrativeStatus", request: {} };
const THD: Action = {
  operation: "SetThdConfiguration",
  request: {
    valueThresholdPercent: 8,
    valueHysteresisPercent: 2,
    minDurationNormalToOverS: 30,
    minDurationOverToNormalS: 40,
    timeThresholdS: 600,
  },
};
const ok = (result: unknown): ActionOutcome => ({ ok: true, result });
const codes = (outcomes: readonly (ActionOutcome | null)[]) =>
  outcomes.map((outcome) => outcome && (outcome.ok ? "ok" : outcome.error.code));

describe("the adapter for DLMS meters", () => {
  let meter: Running;
  const start = async (refusal?: Refusal) => {
    meter = await startMeter("SMR 5.1", refusal);
  };
  afterEach(() => meter.close());

  it("runs the actions of a request in order inside one association", async () => {
    await start();
    assert.deepEqual(await meter.outcomes([SWITCH_ON, READ, SWITCH_OFF, READ]), [
      ok({}),
      ok({ status: "ON" }),
      ok({}),
      ok({ status: "OFF" }),
    ]);
    assert.deepEqual(meter.served.clients, [1]);
  });

  it("goes on after an action that the meter or the profile refuses", async () => {
    await start(refuseSet("1/0.1.94.31.0.255/2"));
    assert.deepEqual(codes(await meter.outcomes([SWITCH_ON, THD, READ])), [
      "DEVICE_REFUSED",
      "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL",
      "ok",
    ]);
  });

  it("goes on after a value of another type than expected", async () => {
    await start((request) =>
      request.type === "get"
        ? { type: "get", results: [{ data: { type: "visible-string", value: "ON" } }] }
        : undefined,
    );
    const read: Action = { operation: "ScanMbusChannels", request: {} };
    const outcomes = await meter.outcomes([
      { operation: "SetAlarmNotifications", request: { notifications: [] } },
      READ,
      read,
    ]);
    assert.deepEqual(codes(outcomes), ["ILLEGAL_RESPONSE", "DEVICE_REFUSED", "ILLEGAL_RESPONSE"]);
  });

  it("leaves out actions that an earlier run has finished, and does not connect for none", async () => {
    await start();
    const done = ok({});
    assert.deepEqual(codes(await meter.outcomes([SWITCH_OFF, READ], { finished: [done, null] })), [null, "ok"]);
    assert.ok(!meter.asked.some((asked) => asked.startsWith("set")));
    await meter.outcomes([SWITCH_OFF], { finished: [done] });
    assert.equal(meter.served.connections, 1);
  });

  it("runs an action for the device that it names, if that is behind the meter", async () => {
    await start();
    const mbus = { identificationNumber: "12056731", manufacturerIdentification: "LGB", version: 66, deviceType: 3 };
    const behind = (device: string): Device => ({
      ...meter.device,
      ...{ identification: "GAS", mbus, gateway: { device, channel: 1 } },
    });
    const read: Action = { operation: "GetFirmwareVersionGas", device: "GAS", request: {} };
    const run = async (gas: Device | undefined) =>
      codes(await meter.outcomes([read, READ], { findDevice: async () => gas }));
    assert.deepEqual(await run(behind(meter.device.identification)), ["ok", "ok"]);
    assert.deepEqual(await run(behind("another")), ["GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE", "ok"]);
    assert.deepEqual(await run(undefined), ["UNKNOWN_DEVICE", "ok"]);
  });

  it("does not connect when the request's time has passed, and starts no action after it", async () => {
    await start();
    assert.deepEqual(await meter.outcomes([READ], { notAfterMs: NOW_MS - 1 }), [null]);
    assert.equal(meter.served.connections, 0);
    const reported: number[] = [];
    await meter.outcomes([READ, READ], {
      notAfterMs: NOW_MS,
      report: async (position) => {
        reported.push(position);
        meter.clock.advance(1);
      },
    });
    assert.deepEqual(reported, [0]);
  });

  it("throws when the connection breaks; what was reported stays, nothing is sent twice", async () => {
    let sets = 0;
    await start((request) => (request.type === "set" && ++sets === 2 ? "hang up" : undefined));
    const reported: number[] = [];
    const report = async (position: number) => {
      reported.push(position);
    };
    await assert.rejects(
      meter.outcomes([SWITCH_ON, SWITCH_OFF, READ], { report }),
      withCode("SOCKET_CLOSED_BY_REMOTE", /TEST1024000000001/),
    );
    assert.deepEqual(reported, [0]);
    assert.equal(sets, 2);
    assert.equal(meter.served.connections, 1);
  });

  it("throws when the meter cannot be reached, and when the run is aborted", async () => {
    await start();
    await assert.rejects(meter.outcomes([READ], { signal: AbortSignal.abort() }), withCode("CONNECTION_ERROR"));
    await meter.close();
    await assert.rejects(meter.outcomes([READ]), withCode("CONNECTION_REFUSED"));
    await start();
  });

  it("passes on what the store throws, after it released the association", async () => {
    await start();
    const lost = new TypeError("lease lost");
    await assert.rejects(
      meter.outcomes([READ], {
        report: async () => {
          throw lost;
        },
      }),
      lost,
    );
  });

  it("knows which operations a device offers", async () => {
    await start();
    const why = (operation: KnownOperation) => meter.adapter.whyUnsupported(meter.device, meter.device, operation);
    assert.equal(why("GetFirmwareVersion"), undefined);
    assert.match(why("SetThdConfiguration") ?? "", /^No address found for THD_VALUE_THRESHOLD in protocol SMR /);
    const unknown = { ...meter.device, protocol: { name: "SMR", version: "9" } };
    assert.throws(
      () => meter.adapter.whyUnsupported(unknown, unknown, "GetFirmwareVersion"),
      withCode("UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT"),
    );
  });
});
