import assert from "node:assert/strict";
import pg from "pg";
import { ManualClock, systemClock } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { PostgresDriver } from "../../src/store/postgres/driver.ts";
import { withoutSchema } from "../../src/store/postgres/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { newRequest } from "./new-request.ts";
import { plainDevice } from "./secrets-conformance.ts";
import { type PostgresStore, postgresOrSkip } from "./temporary-postgres.ts";

/** What is PostgreSQL's own: a server, other nodes, and connections that go. */
postgresOrSkip("a store on a server", (schemas) => {
  let store: PostgresStore;
  let clock: ManualClock;
  const opened: { close(): Promise<unknown> }[] = [];

  beforeEach(async () => {
    clock = new ManualClock(1000);
    store = await schemas.open(clock);
  });

  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
    await store.close();
  });

  /** The same database as another node has it. */
  const another = async (url = store.url): Promise<Store> => {
    const other = await openStore({ dataDirectory: "", databaseUrl: url, clock: systemClock });
    opened.push(other);
    return other;
  };
  /** A connection of somebody else. */
  const stranger = async (): Promise<pg.Client> => {
    const url = new URL(store.url);
    const schema = url.searchParams.get("schema");
    for (const name of ["schema", "application_name"]) url.searchParams.delete(name);
    const client = new pg.Client({ connectionString: url.href });
    client.on("error", () => {});
    await client.connect();
    await client.query(`set search_path to ${schema}`);
    opened.push({ close: () => client.end() });
    return client;
  };
  const accept = (uid: string, fields: Parameters<typeof newRequest>[1] = {}, to: Store = store) =>
    to.requests.accept({ request: newRequest(uid, fields), entries: [] });
  const cutAll = () => {
    const name = new URL(store.url).searchParams.get("application_name");
    return store.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", name);
  };

  it("keeps texts to the letter: a megabyte, spaces at the end, capitals, and numbers of 53 bits", async () => {
    const request = { text: `${"ü€".repeat(200_000)}  `, number: Number.MAX_SAFE_INTEGER };
    const actions = [{ operation: "SynchronizeTime" as const, request }];
    for (const device of ["b", "B", "a ", "a"]) await accept(`uid ${device}`, { device, actions });
    assert.deepEqual((await store.requests.find("uid a "))?.actions, actions);
    assert.equal(await store.requests.find("uid A"), undefined);
    assert.equal(await store.requests.find("uid a  "), undefined);
    const devices = ["b", "B", "a ", "a", "ä"].map((identification) => ({
      ...{ device: plainDevice(identification), authorisations: [], secrets: [] },
    }));
    await store.devices.import({ organisations: [], devices, replaceKeys: false, nowMs: 1, evidence: [] });
    const listed = await store.devices.list({ offset: 0, limit: 9 });
    assert.deepEqual(
      listed.map((each) => ("device" in each ? each.device.identification : undefined)),
      ["B", "a", "a ", "b", "ä"],
    );
    const push = { correlationUid: "p", organisation: "U", device: "E1", alarms: [], description: "a\0b" };
    await store.pushes.keep({ ...push, receivedMs: Number.MAX_SAFE_INTEGER, message: Uint8Array.of(0, 255) }, []);
    const kept = await store.pushes.find("p");
    assert.deepEqual([kept?.receivedMs, kept?.description], [Number.MAX_SAFE_INTEGER, "a\ufffdb"]);
  });

  it("takes the server's time, whatever zone that is in", async () => {
    const url = new URL(store.url);
    url.searchParams.set("options", "-c timezone=Asia/Tokyo");
    const other = await another(url.href);
    await accept("a", { acceptedMs: Date.now() }, other);
    const { requests } = await other.requests.claim({ worker: "w", leaseMs: 60_000, limit: 1 });
    assert.ok(Math.abs(requests[0]!.leaseUntilMs - 60_000 - Date.now()) < 30_000);
  });

  it("never claims the same request for two nodes that claim at the same time, nor two of one device", async () => {
    const other = await another();
    await Promise.all(
      Array.from({ length: 120 }, (_, i) => accept(`uid-${i}`, { device: `E${i % 20}`, writes: i % 3 > 0 })),
    );
    for (const left of [20, 0]) {
      const order = { worker: "w", leaseMs: 60_000, limit: 3 };
      const claims: { device: string; routeDevice: string }[] = [];
      for (let round = 0; round < 8; round++) {
        const claimed = await Promise.all([store, other, store, other].map((each) => each.requests.claim(order)));
        claims.push(...claimed.flatMap(({ requests }) => requests));
      }
      assert.equal(claims.length, left);
      assert.equal(new Set(claims.map(({ routeDevice }) => routeDevice)).size, left);
    }
  });

  it("claims at the time at which it chooses, however long it waited for another claim", async () => {
    await accept("a");
    const client = await stranger();
    await client.query("begin; select pg_advisory_xact_lock(hashtextextended(current_schema() || 'claim', 0))");
    const claim = (await another()).requests.claim({ worker: "w", leaseMs: 60_000, limit: 1 });
    const waiting = `select 1 from pg_stat_activity
      where wait_event = 'advisory' and application_name = '${new URL(store.url).searchParams.get("application_name")}'`;
    while ((await store.sql(waiting)).length === 0);
    const { rows } = await client.query("select extract(epoch from clock_timestamp()) * 1000 as ms");
    await client.query("commit");
    await claim;
    const [request] = await store.sql<{ claimed_ms: string }>("select claimed_ms from request");
    assert.ok(Number(request!.claimed_ms) >= Math.floor(rows[0].ms));
  });

  it("lets the next one of a device into line however ends and claims meet", async () => {
    const other = await another();
    const count = 60;
    await Promise.all(
      Array.from({ length: count }, (_, i) => accept(`uid-${i}`, { device: `E${i % 4}`, writes: i % 2 > 0 })),
    );
    let ended = 0;
    const node = async (from: Store) => {
      for (let idle = 0; ended < count && idle < 50; idle++) {
        const { requests } = await from.requests.claim({ worker: "w", leaseMs: 60_000, limit: 2 });
        for (const { id, attempt } of requests) {
          if (await from.requests.settle({ id, attempt, state: "running" }, { to: "succeeded" })) ended += 1;
          idle = 0;
        }
      }
    };
    await Promise.all([node(store), node(other), node(store)]);
    assert.equal(ended, count);
    assert.deepEqual(await store.requests.countUnfinished(), {
      ...{ later: 0, ready: 0, parked: 0, running: 0, oldestReadyDueMs: undefined },
    });
  });

  it("lets what is behind two into line when both end at the same time", async () => {
    const claim = () => store.requests.claim({ worker: "w", leaseMs: 60_000, limit: 9 });
    await accept("one", { device: "E1", writes: true });
    await accept("two", { device: "G1", routeDevice: "E2", writes: true });
    const { requests } = await claim();
    await accept("behind both", { device: "G1", routeDevice: "E1", writes: true });
    await claim();
    assert.equal((await store.requests.countUnfinished()).parked, 1);
    const [one, two] = ["one", "two"].map((uid) => requests.find(({ correlationUid }) => correlationUid === uid)!);
    const client = await stranger();
    // The other node has seen what is parked behind the first one, and is about to commit.
    await client.query(`begin; delete from write_turn where request_id = ${two!.id};
      update request set state = 'succeeded', lane = null, worker = null, claimed_ms = null, lease_until_ms = null,
        finished_ms = 1 where id = ${two!.id}`);
    let isEnded = false;
    const ended = store.requests.settle({ id: one!.id, attempt: 1, state: "running" }, { to: "succeeded" }).then(() => {
      isEnded = true;
    });
    while ((await store.sql("select 1 from pg_locks where not granted")).length === 0) assert.equal(isEnded, false);
    await client.query("commit");
    await ended;
    const { parked, ready } = await store.requests.countUnfinished();
    assert.deepEqual([parked, ready], [0, 1]);
  });

  it("wakes other nodes", async () => {
    const other = await another();
    const woken = new Promise<void>((resolve) => other.onWake(resolve));
    for (let i = 0, done = false; !done; i++) {
      // It hears when it listens, which takes a moment.
      await accept(`uid-${i}`);
      done = await Promise.race([
        woken.then(() => true),
        new Promise<false>((resolve) => setTimeout(resolve, 50, false)),
      ]);
    }
  });

  it("goes on when its connections are cut, and does nothing twice that it was doing", async () => {
    const client = await stranger();
    await accept("before");
    await client.query("begin; lock table request in share row exclusive mode");
    const accepted = Promise.all(Array.from({ length: 20 }, (_, i) => accept(`uid-${i}`, { device: `E${i}` })));
    await store.requests.find("before");
    await cutAll();
    await client.query("commit");
    assert.deepEqual(new Set((await accepted).map(({ kind }) => kind)), new Set(["accepted"]));
    await cutAll();
    assert.equal((await store.requests.countUnfinished()).ready, 21);
  });

  it("writes nothing that was sent with the beginning of a transaction that was refused", async () => {
    const driver = new PostgresDriver({ ...withoutSchema(store.url), readOnly: false, connections: 1 });
    opened.push(driver);
    const wire = await driver.acquire();
    await wire.begin(true);
    await wire.rollback();
    // As poolers of connections do.
    await wire.query("deallocate all", []);
    const begun = wire.begin(true);
    const written = wire.query("insert into agreement (name, value) values (?, ?)", ["a", "b"]);
    const codes = await Promise.all(
      [begun, written].map((each) =>
        each.then(
          () => "none",
          ({ code }) => code,
        ),
      ),
    );
    wire.destroy();
    assert.deepEqual(codes, ["26000", "25006"]);
    assert.deepEqual(await store.sql("select * from agreement"), []);
  });

  it("tries again when others' locks cross its own", async () => {
    const device = (identification: string, model: string) => ({
      ...{ device: plainDevice(identification, { model }), authorisations: [], secrets: [] },
    });
    const load = (model: string) =>
      store.devices.import({
        ...{ organisations: [], devices: [device("E1", model), device("E2", model)] },
        ...{ replaceKeys: false, nowMs: 1, evidence: [] },
      });
    await load("one");
    const client = await stranger();
    await client.query("begin; update device set invocation_counter = 1 where identification = 'E2'");
    const loaded = load("two");
    const crossing = client.query("update device set invocation_counter = 1 where identification = 'E1'; commit");
    await crossing.catch(() => client.query("rollback"));
    assert.equal((await loaded).devicesUpdated, 2);
    assert.equal((await store.devices.find("E2"))?.device.model, "two");
  });

  it("refuses nonsense in the table itself", async () => {
    const broken: Record<string, string> = {
      "a finished request without an end": "state = 'succeeded', lane = null",
      "a waiting request with an end": "finished_ms = 1",
      "a running request without a lease": "state = 'running', lane = null, worker = 'w', claimed_ms = 1",
      "a waiting request that stands nowhere": "lane = null",
      "an error of a request that did not fail": "error_code = 'INTERNAL', error_message = 'x'",
    };
    await accept("a");
    for (const [what, change] of Object.entries(broken)) {
      await assert.rejects(store.sql(`update request set ${change}`), { code: "23514" }, what);
    }
    await store.requests.claim({ worker: "w", leaseMs: 1000, limit: 1 });
    await accept("b");
    const lease = "state = 'running', lane = null, worker = 'w', claimed_ms = 1, lease_until_ms = 2";
    await assert.rejects(store.sql(`update request set ${lease} where correlation_uid = 'b'`), { code: "23505" });
  });

  it("says why it cannot be opened, without the password", async () => {
    const url = new URL(store.url);
    url.port = "1";
    url.password = "hunter2";
    const opening = openStore({ dataDirectory: "", databaseUrl: url.href, clock });
    await assert.rejects(opening, ({ code, message }) => code === "DATABASE_UNUSABLE" && !message.includes("hunter2"));
  });
});
