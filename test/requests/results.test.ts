import assert from "node:assert/strict";
import type { Action, ActionOutcome } from "../../src/domain/request.ts";
import type { FetchInput } from "../../src/requests/results.ts";
import { purgeOld, startRetention } from "../../src/requests/retention.ts";
import { CALLER, type Environment, input, NOW_MS, openEnvironment, READ_ALL, SYNCHRONIZE } from "./environment.ts";

const DONE: ActionOutcome = { ok: true, result: { output: "everything" } };
const REFUSED: ActionOutcome = { ok: false, error: { code: "UNKNOWN_FIRMWARE", message: "No such firmware." } };

describe("the result of a request", () => {
  let environment: Environment;

  beforeEach(async () => {
    environment = await openEnvironment();
  });

  afterEach(() => environment.close());

  const accept = async (
    actions: readonly Action[] = [SYNCHRONIZE],
    operation = actions[0]!.operation as FetchInput["operation"],
  ) => (await environment.acceptance.accept(input({ actions, operation }))).correlationUid;

  async function run(outcomes: readonly ActionOutcome[]): Promise<void> {
    const { requests } = await environment.queue.claim("w", 10, 60_000);
    for (const request of requests) await environment.queue.settle(request, outcomes, { kind: "ran" });
  }

  const fetch = (correlationUid: string, fields: Partial<FetchInput> = {}) =>
    environment.results.fetch({
      caller: CALLER,
      operation: "SynchronizeTime",
      device: "E1",
      correlationUid,
      ...fields,
    });

  it("is what the action gave, as often as it is asked for", async () => {
    const uid = await accept();
    await run([DONE]);
    for (let time = 0; time < 3; time++) assert.deepEqual(await fetch(uid), { actions: [DONE] });
  });

  it("is the error of an action that failed", async () => {
    const uid = await accept();
    await run([REFUSED]);
    assert.deepEqual(await fetch(uid), { error: { code: "UNKNOWN_FIRMWARE", message: "No such firmware." } });
  });

  it("is one outcome per action of a bundle, in order", async () => {
    const uid = await accept([SYNCHRONIZE, READ_ALL], "Bundle");
    await run([REFUSED, DONE]);
    assert.deepEqual(await fetch(uid, { operation: "Bundle" }), { actions: [REFUSED, DONE] });
  });

  it("is not there while the request waits, and says until when", async () => {
    const uid = await accept();
    await assert.rejects(fetch(uid), { code: "UNKNOWN_CORRELATION_UID", message: /not finished.*2026-01-02T03:04:05/ });
  });

  it("is not there while the request runs, and says so", async () => {
    const uid = await accept();
    await environment.queue.claim("w", 1, 60_000);
    await assert.rejects(fetch(uid), { code: "UNKNOWN_CORRELATION_UID", message: /not finished.*running/ });
  });

  it("is shown to nobody else, in the words for a correlation UID that never was", async () => {
    const uid = await accept();
    await run([DONE]);
    const unknown = { code: "UNKNOWN_CORRELATION_UID", message: /^Unknown/ };
    await assert.rejects(fetch("Utility|||E1|||20260102030405000|||x"), unknown);
    const messageOf = (fields: Partial<FetchInput>, which = uid) =>
      fetch(which, fields).then(
        () => assert.fail("was shown"),
        (error) => `${error.code} ${error.message} ${JSON.stringify(error.context)}`,
      );
    const words = await messageOf({}, "never-was");
    assert.equal(await messageOf({ caller: { ...CALLER, organisation: "Other" } }), words);
    assert.equal(await messageOf({ device: "E2" }), words);
  });

  it("is shown to other users and applications of the organisation", async () => {
    const uid = await accept();
    await run([DONE]);
    await fetch(uid, { caller: { ...CALLER, userName: "other", applicationName: "other" } });
  });

  it("does not answer for another operation", async () => {
    const uid = await accept();
    await run([DONE]);
    await assert.rejects(fetch(uid, { operation: "GetAllAttributeValues" }), {
      code: "VALIDATION_ERROR",
      message: "CorrelationUid does not match any data of the requested type.",
    });
  });

  describe("deleted by the caller", () => {
    const body = Buffer.from("<deletion/>");
    const entries = [{ direction: "in", service: "common", operation: "DeleteResponseData", body }] as const;
    const remove = (correlationUid: string, caller = CALLER) =>
      environment.results.deleteResponseData({ caller, correlationUid, entries });
    const evidence = () =>
      environment.store.sql.rows("select * from message_log where operation = 'DeleteResponseData'");

    it("leaves its evidence in the transaction that deletes it, and none when nothing was deleted", async () => {
      const uid = await accept();
      await run([DONE]);
      const { sql } = environment.store;
      sql.run(
        "create trigger full before insert on message_log_pack begin select raise(abort, 'the log is full'); end",
      );
      await assert.rejects(remove(uid), { code: "SERVICE_BUSY" });
      sql.run("drop trigger full");
      assert.deepEqual(await fetch(uid), { actions: [DONE] });
      await remove(uid);
      assert.equal((await evidence()).length, 1);
      await assert.rejects(remove(uid), { code: "UNKNOWN_CORRELATION_UID" });
      assert.equal((await evidence()).length, 1);
    });

    it("is unknown afterwards, and cannot be deleted again", async () => {
      const uid = await accept();
      await run([DONE]);
      await remove(uid);
      await assert.rejects(fetch(uid), { code: "UNKNOWN_CORRELATION_UID" });
      await assert.rejects(remove(uid), { code: "UNKNOWN_CORRELATION_UID" });
    });

    it("must be finished, and the caller's own", async () => {
      const uid = await accept();
      await assert.rejects(remove(uid), { code: "UNKNOWN_CORRELATION_UID", message: /not finished/ });
      await run([DONE]);
      await assert.rejects(remove(uid, { ...CALLER, organisation: "Other" }), { message: /^Unknown/ });
      assert.deepEqual(await fetch(uid), { actions: [DONE] });
    });
  });

  describe("when retention passes", () => {
    const RETENTION_MS = 7 * 86_400_000;

    it("goes, in however many steps", async () => {
      const uids = await Promise.all(Array.from({ length: 600 }, () => accept()));
      environment.store.sql.run("update request set state = 'succeeded', lane = null, finished_ms = ?", NOW_MS);
      assert.deepEqual(await purgeOld(environment.store, NOW_MS + RETENTION_MS, RETENTION_MS), {
        requests: 0,
        pushes: 0,
      });
      assert.deepEqual(await purgeOld(environment.store, NOW_MS + RETENTION_MS + 1, RETENTION_MS), {
        requests: 600,
        pushes: 0,
      });
      await assert.rejects(fetch(uids[0]!), { code: "UNKNOWN_CORRELATION_UID" });
    });

    it("takes the pushes of devices along", async () => {
      const { store } = environment;
      const { pushes } = store;
      const push = (i: number) => ({
        correlationUid: `push-${i}`,
        organisation: "Utility",
        device: "E0000000000000001",
        receivedMs: NOW_MS + (i === 0 ? 1 : 0),
        alarms: ["REPLACE_BATTERY"],
        description: "",
        message: Uint8Array.of(1),
      });
      await Promise.all(Array.from({ length: 600 }, (_, i) => pushes.keep(push(i), [])));
      assert.deepEqual(await purgeOld(store, NOW_MS + RETENTION_MS, RETENTION_MS), { requests: 0, pushes: 0 });
      assert.deepEqual(await purgeOld(store, NOW_MS + RETENTION_MS + 1, RETENTION_MS), { requests: 0, pushes: 599 });
      assert.deepEqual(await pushes.list(10), [push(0)]);
    });

    describe("by itself", () => {
      const HOUR_MS = 3_600_000;
      const errors: unknown[] = [];
      let stop: () => Promise<void>;

      const begin = () => {
        errors.length = 0;
        const { clock, store } = environment;
        const settings = { retentionMs: RETENTION_MS, everyMs: HOUR_MS };
        stop = startRetention(store, clock, settings, (error) => errors.push(error));
      };
      /** Lets `hours` pass, one by one, as purges are under way. */
      const pass = async (hours: number) => {
        for (let hour = 0; hour < hours; hour++) {
          environment.clock.advance(HOUR_MS);
          await environment.store.idle();
        }
      };

      it("goes, and nothing more goes after the job is stopped", async () => {
        const gone = await accept();
        await run([DONE]);
        environment.clock.advance(RETENTION_MS);
        begin();
        await pass(2);
        await stop();
        await assert.rejects(fetch(gone), { code: "UNKNOWN_CORRELATION_UID" });
        const kept = await accept();
        await run([DONE]);
        await pass(200);
        assert.deepEqual(await fetch(kept), { actions: [DONE] });
        assert.deepEqual(errors, []);
      });

      it("stays when the wall clock is eight days ahead for a while, whether the service starts then or runs on", async () => {
        const uid = await accept();
        await run([DONE]);
        environment.clock.step(8 * 24 * HOUR_MS);
        begin();
        environment.clock.advance(60_000);
        environment.clock.step(-8 * 24 * HOUR_MS);
        await pass(3);
        environment.clock.step(8 * 24 * HOUR_MS);
        await pass(1);
        environment.clock.step(-8 * 24 * HOUR_MS);
        await pass(3);
        await stop();
        assert.deepEqual(await fetch(uid), { actions: [DONE] });
      });
    });
  });
});
