import assert from "node:assert/strict";
import type { ErrorCode } from "../../src/domain/errors.ts";
import type { Action } from "../../src/domain/request.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { type LogReport, verifyMessageLog } from "../../src/message-log/verify.ts";
import type { AcceptInput } from "../../src/requests/accept.ts";
import { openStore } from "../../src/store/open-store.ts";
import {
  CALLER,
  device,
  type Environment,
  input,
  NOW_MS,
  openEnvironment,
  READ_ALL,
  SYNCHRONIZE,
} from "./environment.ts";

describe("accepting a request", () => {
  let environment: Environment;

  beforeEach(async () => {
    environment = await openEnvironment();
  });

  afterEach(() => environment.close());

  const accept = (fields?: Partial<AcceptInput>) => environment.acceptance.accept(input(fields));
  const find = (correlationUid: string) => environment.store.requests.find(correlationUid);
  const logged = () => environment.store.messageLog.read(0, 1000);
  const countRequests = () => environment.store.sql.rows("select id from request").length;

  async function refuses(fields: Partial<AcceptInput>, code: ErrorCode, text?: RegExp): Promise<void> {
    await assert.rejects(accept(fields), { code, ...(text ? { message: text } : {}) });
    assert.equal(countRequests(), 0);
    assert.deepEqual(await logged(), []);
    assert.equal(environment.accepted(), 0);
  }

  it("stores it with a correlation UID that names organisation, device and time", async () => {
    const { correlationUid, response } = await accept();
    assert.match(correlationUid, /^Utility\|\|\|E1\|\|\|20260102030405000\|\|\|[0-9a-f-]{36}$/);
    assert.equal(Buffer.from(response).toString(), `<answer>${correlationUid}</answer>`);
    const request = await find(correlationUid);
    assert.equal(request?.state, "waiting");
    assert.deepEqual(request.actions, [SYNCHRONIZE]);
    assert.equal(environment.accepted(), 1);
  });

  it("is there for another process once it has answered", async () => {
    const { correlationUid } = await accept();
    const other = await openStore({ dataDirectory: environment.store.dataDirectory, clock: systemClock });
    assert.ok(await other.requests.find(correlationUid));
    assert.equal((await other.messageLog.read(0, 10)).length, 2);
    await other.close();
  });

  it("logs question and answer with it, the question redacted", async () => {
    const redacted = { body: Buffer.from("<request>***</request>"), count: 1 };
    const message = { service: "configuration", bytes: Buffer.from("<request>key</request>"), redacted };
    const { correlationUid, response } = await accept({ message });
    const [question, answer] = await logged();
    assert.equal(Buffer.from(question!.stored!).toString(), "<request>***</request>");
    assert.deepEqual([...answer!.stored!], [...response]);
    for (const [row, direction] of [
      [question, "in"],
      [answer, "out"],
    ] as const) {
      assert.equal(row!.leaf.direction, direction);
      assert.equal(row!.leaf.correlationUid, correlationUid);
      assert.equal(row!.leaf.organisation, "Utility");
      assert.equal(row!.leaf.operation, "SynchronizeTime");
    }
    assert.deepEqual(await verifyMessageLog(environment.store.messageLog), {
      entries: 2,
      findings: [],
    } satisfies LogReport);
  });

  it("connects to the electricity meter in front of an M-Bus device", async () => {
    const { correlationUid } = await accept({ device: "G1" });
    const request = await find(correlationUid);
    assert.deepEqual([request?.device, request?.routeDevice], ["G1", "E1"]);
  });

  it("connects for a bundle, too, to what stands in front of the device, when the family says so", async () => {
    environment.known.set("K1", device("K1", { gateway: { device: "E1" } }));
    environment.unsupported.add("GetAllAttributeValues");
    const actions = [SYNCHRONIZE, READ_ALL];
    const { correlationUid } = await accept({ device: "K1", operation: "Bundle", actions });
    const request = await find(correlationUid);
    assert.deepEqual([request?.device, request?.routeDevice], ["K1", "E1"]);
    const [, refused] = request!.outcomes;
    assert.match(refused?.ok === false ? refused.error.message : "", /no GetAllAttributeValues for K1 through E1/);
  });

  it("needs no gateway for what the vault alone answers", async () => {
    const { correlationUid } = await accept({
      device: "G2",
      actions: [{ operation: "GetKeys", request: { secretTypes: ["G_METER_MASTER_KEY"] } }],
    });
    assert.equal((await find(correlationUid))?.routeDevice, "G2");
  });

  it("takes for an M-Bus device without gateway what tells so in its result", async () => {
    const request = { mbusDevice: "G2", secretType: "G_METER_ENCRYPTION_KEY", closeOpticalPort: false } as const;
    const actions: Action[] = [
      { operation: "GetMbusEncryptionKeyStatus", request: {} },
      { operation: "GetFirmwareVersionGas", request: {} },
      { operation: "SetKeyOnGMeter", request },
    ];
    for (const action of actions) {
      const { correlationUid } = await accept({ device: "G2", operation: action.operation, actions: [action] });
      assert.equal((await find(correlationUid))?.routeDevice, "G2", action.operation);
    }
  });

  it("waits for its ScheduleTime", async () => {
    const scheduling = { priority: 4, bypassRetry: false, scheduleTimeMs: NOW_MS + 5000 };
    const { correlationUid } = await accept({ scheduling });
    assert.equal((await find(correlationUid))?.dueMs, NOW_MS + 5000);
  });

  describe("refuses and stores nothing when", () => {
    const stranger = { ...CALLER, organisation: "Stranger" };

    it("the organisation is unknown", () =>
      refuses({ caller: stranger }, "UNKNOWN_ORGANISATION", /Stranger is not known: .* metergate organisations add$/));
    it("the organisation is disabled", () =>
      refuses({ caller: { ...CALLER, organisation: "Disabled" } }, "DISABLED_ORGANISATION", /Disabled/));
    it("the device is unknown", () => refuses({ device: "E0" }, "UNKNOWN_DEVICE", /E0/));
    it("it has no action", () => refuses({ operation: "Bundle", actions: [] }, "VALIDATION_ERROR"));
    it("the action is not valid", () =>
      refuses(
        { actions: [{ operation: "SynchronizeTime", request: { timeZone: "Nowhere" } }] },
        "VALIDATION_ERROR",
        /Nowhere/,
      ));
    it("the M-Bus device has no gateway", () => refuses({ device: "G2" }, "GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE"));
    it("the gateway is an M-Bus device", () => refuses({ device: "G3" }, "GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE"));
    it("the gateway is unknown", () => refuses({ device: "G4" }, "GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE"));
    it("a bundle is for an M-Bus device", () =>
      refuses({ device: "G1", operation: "Bundle" }, "VALIDATION_ERROR", /not allowed for gas meter/));
    it("the priority is none", () =>
      refuses({ scheduling: { priority: 4.5, bypassRetry: false } }, "VALIDATION_ERROR", /4\.5/));
    it("a time is beyond what can be stored", () =>
      refuses({ scheduling: { priority: 4, bypassRetry: false, maxScheduleTimeMs: 2 ** 60 } }, "VALIDATION_ERROR"));

    it("the organisation is not authorised for the device", () => {
      environment.unauthorised.add("Utility E1 SynchronizeTime");
      return refuses({}, "UNAUTHORIZED", /Utility.*SynchronizeTime.*E1/);
    });
    it("the organisation is not authorised for the gateway", () => {
      environment.unauthorised.add("Utility E1 SynchronizeTime");
      return refuses({ device: "G1" }, "UNAUTHORIZED");
    });
    it("the organisation may send bundles but not one of the actions", () => {
      environment.unauthorised.add("Utility E1 GetAllAttributeValues");
      return refuses({ operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL] }, "UNAUTHORIZED");
    });
    it("devices like this one do not offer the operation", () => {
      environment.unsupported.add("SynchronizeTime");
      return refuses({}, "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", /no SynchronizeTime for E1 through E1/);
    });
    it("the gateway does not offer the operation for the M-Bus device behind it", () => {
      environment.unsupported.add("SynchronizeTime");
      return refuses({ device: "G1" }, "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", /for G1 through E1/);
    });
    it("the answer cannot be made", async () => {
      const respond = () => {
        throw new RangeError("no answer");
      };
      await assert.rejects(accept({ respond }), RangeError);
      assert.equal(countRequests(), 0);
    });
  });

  it("answers an action of a bundle that cannot run at its place, and lets the others run", async () => {
    environment.unsupported.add("GetAllAttributeValues");
    const invalid = { operation: "SynchronizeTime", request: { timeZone: "Nowhere" } } as const;
    const { correlationUid } = await accept({ operation: "Bundle", actions: [READ_ALL, SYNCHRONIZE, invalid] });
    const outcomes = (await find(correlationUid))?.outcomes;
    assert.deepEqual(
      outcomes?.map((outcome) => (outcome === null || outcome.ok ? outcome : outcome.error.code)),
      ["OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", null, "VALIDATION_ERROR"],
    );
  });

  describe("when an action of a bundle names a device of its own", () => {
    const about = (device: string) => ({ ...SYNCHRONIZE, device });
    const endings = async (...devices: string[]) => {
      const { correlationUid } = await accept({ operation: "Bundle", actions: devices.map(about) });
      const stored = await find(correlationUid);
      assert.deepEqual(stored?.actions, devices.map(about));
      return stored?.outcomes.map((outcome) => (outcome && !outcome.ok ? outcome.error.code : outcome));
    };

    it("lets it run for one behind the meter of the bundle, and for that meter itself", async () => {
      assert.deepEqual(await endings("G1", "E1"), [null, null]);
    });
    it("refuses it at its place for one that is unknown or behind another meter or none", async () => {
      const invalid = "GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE";
      assert.deepEqual(await endings("G0", "E2", "G2", "G1"), ["UNKNOWN_DEVICE", invalid, invalid, null]);
    });
    it("refuses it at its place when the organisation has no right to that device", async () => {
      environment.unauthorised.add("Utility G1 SynchronizeTime");
      assert.deepEqual(await endings("G1", "E1"), ["UNAUTHORIZED", null]);
    });
  });

  describe("with a message id", () => {
    const bytes = (text: string) => ({ service: "adhoc", bytes: Buffer.from(text) });

    it("gives a repeated message its correlation UID again and stores one request", async () => {
      const first = await accept({ clientMessageId: "m" });
      const again = await accept({ clientMessageId: "m" });
      assert.equal(again.correlationUid, first.correlationUid);
      assert.deepEqual([...again.response], [...first.response]);
      assert.equal(countRequests(), 1);
      assert.equal((await logged()).filter(({ leaf }) => leaf.correlationUid === first.correlationUid).length, 4);
    });

    it("does so while the first is still being written", async () => {
      const all = await Promise.all(Array.from({ length: 20 }, () => accept({ clientMessageId: "m" })));
      assert.equal(new Set(all.map(({ correlationUid }) => correlationUid)).size, 1);
      assert.equal(countRequests(), 1);
    });

    it("does so after a restart", async () => {
      const { correlationUid } = await accept({ clientMessageId: "m" });
      const again = await openStore({ dataDirectory: environment.store.dataDirectory, clock: systemClock });
      const repeated = await environment.acceptanceOver(again).accept(input({ clientMessageId: "m" }));
      await again.close();
      assert.equal(repeated.correlationUid, correlationUid);
    });

    it("refuses another message with the same id, and no other of its batch", async () => {
      const [first, conflicting, other] = await Promise.allSettled([
        accept({ clientMessageId: "m", message: bytes("a") }),
        accept({ clientMessageId: "m", message: bytes("b") }),
        accept({ clientMessageId: "n", message: bytes("b") }),
      ]);
      assert.deepEqual([first.status, other.status], ["fulfilled", "fulfilled"]);
      assert.equal(conflicting.status === "rejected" && conflicting.reason.code, "CONFLICTING_MESSAGE_ID");
      await assert.rejects(accept({ clientMessageId: "m", message: bytes("b") }), { code: "CONFLICTING_MESSAGE_ID" });
      assert.equal(countRequests(), 2);
      assert.equal((await logged()).length, 4);
    });

    it("is the same when the same is asked for in other bytes, and another one the other way round", async () => {
      const asked = (contentSha256: string, text: string) =>
        accept({ clientMessageId: "m", contentSha256, message: bytes(text) });
      const first = await asked("aa", "<a/>");
      assert.equal((await asked("aa", "<x:a/>")).correlationUid, first.correlationUid);
      await assert.rejects(asked("bb", "<a/>"), { code: "CONFLICTING_MESSAGE_ID" });
      assert.equal(await countRequests(), 1);
    });

    it("keeps the ids of organisations apart", async () => {
      const other = { ...CALLER, organisation: "Other" };
      const [mine, theirs] = await Promise.all([
        accept({ clientMessageId: "m" }),
        accept({ clientMessageId: "m", caller: other, message: bytes("x") }),
      ]);
      assert.notEqual(mine.correlationUid, theirs.correlationUid);
    });
  });

  describe("of an organisation that has many waiting", () => {
    const other = { ...CALLER, organisation: "Other" };

    it("is refused beyond the limit, says so and when to come again, and others are served", async () => {
      const acceptance = environment.acceptanceOver(environment.store, 2);
      await acceptance.accept(input());
      const crowd = await Promise.allSettled(["E2", "E3", "E4"].map((device) => acceptance.accept(input({ device }))));
      assert.deepEqual(crowd.map(({ status }) => status).sort(), ["fulfilled", "rejected", "rejected"]);
      await assert.rejects(acceptance.accept(input({ device: "E5" })), {
        code: "SERVICE_BUSY",
        message: /2 requests of organisation Utility wait already/,
        context: { retryAfterSeconds: 10 },
      });
      assert.equal(countRequests(), 2);
      await acceptance.accept(input({ caller: other, device: "E6" }));
    });

    it("goes on when some have ended, also for what other processes ended", async () => {
      const acceptance = environment.acceptanceOver(environment.store, 1);
      await acceptance.accept(input());
      await assert.rejects(acceptance.accept(input({ device: "E2" })), { code: "SERVICE_BUSY" });
      const { requests } = await environment.queue.claim("w", 1, 60_000);
      for (const request of requests) {
        await environment.queue.settle(request, [{ ok: true, result: {} }], { kind: "ran" });
      }
      await assert.rejects(acceptance.accept(input({ device: "E2" })), { code: "SERVICE_BUSY" });
      environment.clock.advance(1_000);
      await acceptance.accept(input({ device: "E2" }));
    });
  });

  it("acknowledges nobody when the transaction fails, and goes on afterwards", async () => {
    environment.store.sql.run(
      "create trigger broken before insert on message_log_pack begin select raise(abort, 'disk'); end",
    );
    const all = await Promise.allSettled([accept(), accept({ device: "E2" })]);
    for (const result of all) assert.equal(result.status === "rejected" && result.reason.code, "SERVICE_BUSY");
    assert.equal(countRequests(), 0);
    assert.equal(environment.accepted(), 0);
    environment.store.sql.run("drop trigger broken");
    await accept();
    assert.equal(countRequests(), 1);
  });
});
