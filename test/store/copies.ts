import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/cli/program.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { newLogEntry } from "./conformance.ts";
import { newRequest } from "./new-request.ts";
import { plainDevice, sealedSecret } from "./secrets-conformance.ts";

/** What it takes to copy from a file to a server and back. */
export function describeCopies(makeUrl: () => Promise<string>): void {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "metergate-copying-"));
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  const open = (place: { dataDirectory?: string; databaseUrl?: string }) =>
    openStore({ dataDirectory: "", ...place, clock: systemClock });

  async function fill(store: Store): Promise<void> {
    const key = "E_METER_ENCRYPTION_KEY_UNICAST";
    const titled = { ...plainDevice("E1"), systemTitle: "4D47540000000001" };
    const gas = plainDevice("A1", { gateway: { device: "E1", channel: 1 } });
    const devices = [titled, gas].map((device) => ({
      ...{ device, authorisations: [{ organisation: "U", functionGroup: "OWNER" as const }], invocationCounter: 7 },
      secrets: device === titled ? [sealedSecret("s1", key)] : [],
    }));
    const evidence = [newLogEntry("imported")];
    await store.devices.import({ organisations: ["U"], devices, replaceKeys: false, nowMs: 1, evidence });
    for (let i = 0; i < 1_100; i++) await store.messageLog.append([newLogEntry(`entry ${i}`)]);
    await Promise.all(
      ["a", "b", "c"].map((uid) =>
        store.requests.accept({ request: newRequest(uid, { device: uid }), entries: [newLogEntry(uid)] }),
      ),
    );
    const { requests } = await store.requests.claim({ worker: "w", leaseMs: 60_000, limit: 1 });
    const { id, attempt } = requests[0]!;
    const outcomes = [{ ok: true, result: { text: "€" } } as const];
    await store.requests.settle({ id, attempt, state: "running" }, { to: "succeeded", outcomes });
    await growLog(store.messageLog);
  }

  /** All that a test looks at. */
  async function picture(store: Store): Promise<unknown> {
    return {
      devices: await store.devices.list({ offset: 0, limit: 9 }),
      titled: await store.devices.findBySystemTitle("4D47540000000001"),
      requests: await Promise.all(["a", "b", "c"].map((uid) => store.requests.find(uid))),
      positions: await store.messageLog.positions(),
      log: await store.messageLog.read(0, 2_000),
      kekIds: await store.secrets.kekIds(),
    };
  }

  async function copy(env: Record<string, string>, to: string): Promise<{ code: number; text: string }> {
    let text = "";
    const out = (part: string) => {
      text += part;
    };
    return { code: await run(["db", "copy", to], { env, out, err: out }), text };
  }

  it("is the same on a server and back in a file, its log verified, and goes on there", async () => {
    const [first, second] = [join(directory, "first"), join(directory, "second")];
    const url = await makeUrl();
    const original = await open({ dataDirectory: first });
    await fill(original);
    const expected = await picture(original);
    await original.close();

    const there = await copy({ METERGATE_DATA_DIR: first }, url);
    assert.equal(there.code, 0, there.text);
    assert.match(there.text, /0 defects/);
    const server = await open({ databaseUrl: url });
    assert.deepEqual(await picture(server), expected);
    await server.requests.accept({ request: newRequest("d"), entries: [newLogEntry("d")] });
    assert.equal((await server.requests.claim({ worker: "w", leaseMs: 1000, limit: 9 })).requests.length, 3);
    await growLog(server.messageLog);
    const { devices } = (await picture(server)) as { devices: unknown };
    await server.close();

    const back = await copy({ METERGATE_DATA_DIR: first, METERGATE_DATABASE_URL: url }, second);
    assert.equal(back.code, 0, back.text);
    const again = await open({ dataDirectory: second });
    assert.deepEqual(((await picture(again)) as { devices: unknown }).devices, devices);
    assert.equal((await again.requests.find("d"))?.state, "running");
    await again.requests.accept({ request: newRequest("e"), entries: [] });
    await again.close();
  });

  it("is not put over another one", async () => {
    const url = await makeUrl();
    for (const place of [{ dataDirectory: directory }, { databaseUrl: url }]) {
      const store = await open(place);
      await store.requests.accept({ request: newRequest("a"), entries: [] });
      await store.close();
    }
    const { code, text } = await copy({ METERGATE_DATA_DIR: directory }, url);
    assert.equal(code, 1);
    assert.match(text, /not empty/);
  });
}
