import assert from "node:assert/strict";
import { MetergateError } from "../../src/domain/errors.ts";
import { ManualClock, nextTurn } from "../../src/lib/clock.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { addressesAllowed, originOf, requireNetworks } from "../../src/notifications/allow-list.ts";
import type { Exchanged } from "../../src/notifications/client.ts";
import { NotificationSender } from "../../src/notifications/sender.ts";
import type { StoredNotification } from "../../src/store/notifications.ts";
import { newLogEntry } from "../store/conformance.ts";
import { newRequest } from "../store/new-request.ts";
import { openTemporaryStore, type TemporaryStore } from "../store/temporary-store.ts";

const MINUTE_MS = 60_000;
const ERP = "https://erp.example/notify";
const BROKEN = new MetergateError("CONNECTION_ERROR", "ECONNREFUSED");

describe("the sender of notifications", () => {
  let clock: ManualClock;
  let store: TemporaryStore;
  let sender: NotificationSender;
  /** What was sent, and what ends each. */
  let sent: { readonly notification: StoredNotification; readonly atMs: number }[];
  let answer: (notification: StoredNotification, signal: AbortSignal) => Promise<Exchanged> | Exchanged;
  let warnings: string[];

  const newSender = () =>
    new NotificationSender(
      {
        ...{ notifications: store.notifications, messageLog: new MessageLog(store.messageLog, clock), clock },
        client: {
          send: async (notification, _isAllowed, signal) => {
            sent.push({ notification, atMs: clock.now() });
            return answer(notification, signal);
          },
        },
        logger: { info: () => {}, warn: (_, text) => void warnings.push(text), error: assert.fail },
      },
      { retryDelayMs: 2 * MINUTE_MS },
    );

  beforeEach(async () => {
    clock = new ManualClock(1_000_000);
    store = await openTemporaryStore(clock);
    sent = [];
    warnings = [];
    answer = () => ({ request: "<told/>", answer: "<heard/>" });
    sender = newSender();
    await allow(ERP);
  });
  afterEach(async () => {
    await sender.stop();
    await store.close();
  });

  const allow = (url: string, organisation = "Utility") =>
    store.notifications.allow({ organisation, origin: originOf(url), networks: [] });

  /** A request that is accepted, runs and ends. */
  async function end(uid: string, responseUrl: string | undefined = ERP): Promise<void> {
    const request = newRequest(uid, { device: uid, scheduling: { priority: 4, bypassRetry: false, responseUrl } });
    await store.requests.accept({ request, entries: [] });
    const { requests } = await store.requests.claim({ worker: "w", leaseMs: 60_000, limit: 10 });
    for (const { id, attempt } of requests) {
      const outcomes = [{ ok: true, result: {} } as const];
      assert.ok(await store.requests.settle({ id, attempt, state: "running" }, { to: "succeeded", outcomes }));
    }
  }

  const rest = async () => {
    await store.idle();
    await nextTurn();
    await store.idle();
  };
  /** Lets time pass in steps, as timers do. */
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 1000) {
      clock.advance(Math.min(left, 1000));
      await rest();
    }
  };
  const uids = () => sent.map(({ notification }) => notification.correlationUid);
  const counts = () => store.notifications.count();

  it("tells of a request that ended once it is acknowledged, with the evidence of both", async () => {
    await end("a");
    sender.start();
    await rest();
    assert.deepEqual(uids(), ["a"]);
    assert.deepEqual(await counts(), { waiting: 0, dead: 0 });
    const log = await store.messageLog.read(0, 10);
    assert.deepEqual(
      log.map(({ leaf: { direction, service, correlationUid } }) => [direction, service, correlationUid]),
      [
        ["out", "SmartMeteringNotification", "a"],
        ["in", "SmartMeteringNotification", "a"],
      ],
    );
    await pass(20 * MINUTE_MS);
    assert.deepEqual(uids(), ["a"]);
  });

  it("tells nobody of a request that named no address and whose application has none", async () => {
    const { requests } = store;
    await requests.accept({ request: newRequest("a"), entries: [newLogEntry("a")] });
    const claimed = await requests.claim({ worker: "w", leaseMs: 60_000, limit: 10 });
    const { id, attempt } = claimed.requests[0]!;
    await requests.settle({ id, attempt, state: "running" }, { to: "succeeded" });
    assert.deepEqual(await counts(), { waiting: 0, dead: 0 });
  });

  it("sends what was not acknowledged again after 2, 4 and 8 minutes, and then counts it as dead", async () => {
    answer = () => ({ error: BROKEN });
    await end("a");
    sender.start();
    await rest();
    await pass(20 * MINUTE_MS);
    const minutes = sent.map(({ atMs }) => Math.floor((atMs - sent[0]!.atMs) / MINUTE_MS));
    assert.deepEqual(minutes, [0, 2, 6, 14]);
    assert.deepEqual(await counts(), { waiting: 0, dead: 1 });
    const [dead] = await store.notifications.list("dead", 10);
    assert.deepEqual([dead?.failures, dead?.lastError], [4, "ECONNREFUSED"]);
    assert.match(warnings.join(), /metergate notifications replay/);
  });

  it("sends the dead once more when it is told to", async () => {
    await end("a", "https://elsewhere.example/");
    sender.start();
    await rest();
    assert.deepEqual(await counts(), { waiting: 0, dead: 1 });
    await allow("https://elsewhere.example/");
    assert.equal(await store.notifications.replay({ correlationUid: "b" }), 0);
    assert.equal(await store.notifications.replay({ organisation: "Utility" }), 1);
    await pass(2_000);
    assert.deepEqual(uids(), ["a"]);
    assert.deepEqual(await counts(), { waiting: 0, dead: 0 });
  });

  it("sends nothing to where the organisation is not allowed to, though another one is", async () => {
    await allow("https://elsewhere.example/", "Other");
    for (const [i, url] of ["https://elsewhere.example/", "http://erp.example/", "https://erp.example:8443/"].entries())
      await end(`uid-${i}`, url);
    sender.start();
    await rest();
    assert.deepEqual(sent, []);
    const dead = await store.notifications.list("dead", 10);
    assert.deepEqual(
      dead.map(({ lastError }) => /is not within the allow-list of Utility$/.test(lastError ?? "")),
      [true, true, true],
    );
  });

  it("leaves a target alone that fails, for 15 seconds, a minute, and up to ten", async () => {
    answer = () => ({ error: BROKEN });
    for (let i = 0; i < 20; i++) await end(`uid-${i}`);
    sender.start();
    await rest();
    const atOnce = sent.length;
    assert.ok(atOnce >= 3 && atOnce < 8, `${atOnce} were sent`);
    const begun = clock.now();
    const tries: number[] = [];
    for (let second = 0; second < 400; second++) {
      const before = sent.length;
      await pass(1000);
      if (sent.length > before) tries.push(Math.round((clock.now() - begun) / 1000));
    }
    const [first, second, third] = tries;
    assert.ok(first! >= 15 && first! <= 17, `${tries}`);
    assert.ok(second! - first! >= 60 && second! - first! <= 62, `${tries}`);
    assert.ok(third! - second! >= 240 && third! - second! <= 242, `${tries}`);
    // It is well again: everything is told.
    answer = () => ({});
    await pass(20 * MINUTE_MS);
    assert.deepEqual(await counts(), { waiting: 0, dead: 0 });
    assert.equal(new Set(uids()).size, 20);
  });

  it("lets a slow target take no more than its share", async () => {
    await allow("https://slow.example/");
    const stuck: (() => void)[] = [];
    answer = ({ url }) => (url === ERP ? {} : new Promise((resolve) => stuck.push(() => resolve({ error: BROKEN }))));
    for (let i = 0; i < 100; i++) await end(`slow-${i}`, "https://slow.example/x");
    for (let i = 0; i < 10; i++) await end(`uid-${i}`);
    sender.start();
    await rest();
    await pass(5_000);
    assert.equal(stuck.length, 4);
    assert.equal(uids().filter((uid) => uid.startsWith("uid-")).length, 10);
    for (const free of stuck) free();
    await rest();
  });

  it("sends after a stop, or a kill, whatever was not acknowledged", async () => {
    let isSent = () => {};
    const waiting = new Promise<void>((resolve) => {
      isSent = resolve;
    });
    answer = (_, signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve({ error: BROKEN }));
        isSent();
      });
    await end("a");
    sender.start();
    await waiting;
    await sender.stop();
    assert.deepEqual(await counts(), { waiting: 1, dead: 0 });
    const [left] = await store.notifications.list("waiting", 10);
    assert.equal(left?.failures, 0);
    answer = () => ({});
    sender.start();
    await rest();
    assert.deepEqual(uids(), ["a", "a"]);
    assert.deepEqual(await counts(), { waiting: 0, dead: 0 });
  });

  it("goes on when what became of one cannot be stored", async () => {
    await sender.stop();
    const errors: string[] = [];
    const broken = new NotificationSender(
      {
        notifications: {
          ...store.notifications,
          settle: () => Promise.reject(new MetergateError("SERVICE_BUSY", "full")),
        },
        ...{ messageLog: new MessageLog(store.messageLog, clock), clock },
        client: { send: async () => ({}) },
        logger: { info: () => {}, warn: () => {}, error: (_, text) => void errors.push(text) },
      },
      { retryDelayMs: 1000 },
    );
    await end("a");
    broken.start();
    await rest();
    await pass(10_000);
    await broken.stop();
    assert.ok(errors.length >= 3 && errors.length < 8, `${errors.length} times in 10 seconds`);
    assert.deepEqual(await counts(), { waiting: 1, dead: 0 });
  });
});

describe("the allow-list of notifications", () => {
  const entry = (origin: string, networks: readonly string[] = []) => ({ organisation: "Utility", origin, networks });
  const judge = (url: string, address: string, ...entries: ReturnType<typeof entry>[]) =>
    addressesAllowed(url, entries)?.(address);

  it("lets pass what has the scheme, host and port of an entry, wherever on it", () => {
    const https = entry("https://erp.example");
    assert.equal(judge("https://erp.example:443/a?b", "9.9.9.9", https), true);
    assert.equal(judge("https://ERP.example/x", "9.9.9.9", https), true);
    for (const url of ["http://erp.example/", "https://erp.example:8443/", "https://erp.example.evil/", "nonsense"]) {
      assert.equal(judge(url, "9.9.9.9", https), undefined, url);
    }
    assert.equal(judge("https://erp.example@evil.example/", "9.9.9.9", https), undefined);
  });

  it("lets no private address pass but in a network that is listed with it, or as its own host", () => {
    const url = "https://erp.example/";
    for (const address of ["10.1.2.3", "127.0.0.1", "::1", "::ffff:10.1.2.3", "fe80::1", "169.254.169.254"]) {
      assert.equal(judge(url, address, entry("https://erp.example")), false, address);
    }
    const listed = entry("https://erp.example", ["10.1.0.0/16"]);
    assert.equal(judge(url, "10.1.2.3", listed), true);
    assert.equal(judge(url, "::ffff:10.1.2.3", listed), true);
    assert.equal(judge(url, "10.2.2.3", listed), false);
    assert.equal(judge("http://10.0.0.7:80/x", "10.0.0.7", entry("http://10.0.0.7")), true);
    assert.equal(judge("http://10.0.0.7:80/x", "10.0.0.8", entry("http://10.0.0.7")), false);
    assert.equal(judge("http://[::1]:8080/", "::1", entry("http://[::1]:8080")), true);
  });

  it("takes nothing that is no address or no network", () => {
    assert.equal(originOf("HTTPS://ERP.example:443/x"), "https://erp.example");
    for (const url of ["ftp://erp.example/", "erp.example", "", "file:///etc/passwd"]) {
      assert.throws(() => originOf(url), { code: "VALIDATION_ERROR" }, url);
    }
    assert.throws(
      () => originOf("https://me:secret@erp.example/"),
      (error: Error) => !error.message.includes("secret"),
    );
    assert.deepEqual(requireNetworks(["10.0.0.0/8"]), ["10.0.0.0/8"]);
    assert.throws(() => requireNetworks(["10.0.0.0/8", "erp.example"]), /erp\.example is no network/);
  });
});
