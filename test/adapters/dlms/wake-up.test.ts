import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { HttpSessionProvider } from "../../../src/adapters/dlms/wake-up/http-session-provider.ts";
import { readProvidersFile } from "../../../src/adapters/dlms/wake-up/providers-file.ts";
import { WakeUps } from "../../../src/adapters/dlms/wake-up/wake-ups.ts";
import { leaf } from "../../../src/cli/erp-client.ts";
import { importDevices } from "../../../src/devices/import.ts";
import { FAMILIES } from "../../../src/families.ts";
import { ManualClock, nextTurn, systemClock } from "../../../src/lib/clock.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import { type SimCard, SimulatedSessionApi } from "../../../src/simulators/dlms/session-api.ts";
import { HttpClient } from "../../../src/transport/http-client.ts";
import { run, sample, startWorld, temporaryDirectory, type World } from "../../e2e/harness.ts";
import { testDevice } from "./devices.ts";

const PROVIDER = "KPN";
const ICC_ID = "89310400000012345678";
const [USER, PASSWORD] = ["metergate", "a password of ours"];
const SIM = { iccId: ICC_ID, communicationProvider: PROVIDER };
/** What meters push when an SMS has woken them. */
const AWAKE = { format: "smr5", trigger: parseObis("0.2.25.9.0.255"), alarmRegisters: [] } as const;

const card = (more: Partial<SimCard> = {}): SimCard => ({ address: undefined, sms: 0, onSms() {}, ...more });
const never = () => new AbortController().signal;

describe("a meter without a fixed address", () => {
  /** A provider that is not there over HTTP, and knows of a session after some questions. */
  class Scripted {
    asked = 0;
    woken = 0;
    readonly addresses: (string | undefined)[];
    constructor(...addresses: (string | undefined)[]) {
      this.addresses = addresses;
    }
    async addressOf() {
      return this.addresses[this.asked++];
    }
    async wake() {
      this.woken += 1;
    }
  }

  const movable = { ...testDevice({ address: { host: undefined, ipAddressIsStatic: false } }), ...SIM };

  /** Lets time pass in steps until what is waited for is there. */
  async function within<T>(
    clock: ManualClock,
    stepMs: number,
    waited: Promise<T>,
  ): Promise<{ result: T; passedMs: number }> {
    let done = false;
    const finish = () => {
      done = true;
    };
    waited.then(finish, finish);
    let passedMs = 0;
    for (;;) {
      for (let turns = 0; turns < 10; turns++) await nextTurn();
      if (done) return { result: await waited, passedMs };
      clock.advance(stepMs);
      passedMs += stepMs;
    }
  }

  function wakeUpsOver(provider: Scripted) {
    const clock = new ManualClock(0);
    return { clock, wakeUps: new WakeUps(new Map([[PROVIDER, provider]]), clock) };
  }

  it("is where its provider says, without an SMS when it has a session", async () => {
    const provider = new Scripted("10.0.0.7");
    const { wakeUps } = wakeUpsOver(provider);
    assert.equal((await wakeUps.locate(movable, never())).dlms?.host, "10.0.0.7");
    assert.equal(provider.woken, 0);
  });

  it("is where its record says when it stays there, or when nobody can be asked", async () => {
    const provider = new Scripted("10.0.0.7");
    const { wakeUps, clock } = wakeUpsOver(provider);
    const fixed = { ...testDevice(), ...SIM };
    assert.equal(await wakeUps.locate(fixed, never()), fixed);
    assert.equal(await new WakeUps(new Map(), clock).locate(movable, never()), movable);
    assert.equal(provider.asked, 0);
  });

  it("is woken by one SMS, and looked for every ten seconds", async () => {
    const provider = new Scripted(undefined, undefined, undefined, "10.0.0.8");
    const { wakeUps, clock } = wakeUpsOver(provider);
    const { result, passedMs } = await within(clock, 1_000, wakeUps.locate(movable, never()));
    assert.deepEqual([result.dlms?.host, provider.woken, passedMs], ["10.0.0.8", 1, 30_000]);
  });

  it("is asked for at once when it pushes, and only then believed where nobody knows it", async () => {
    for (const [told, believed] of [
      ["10.0.0.9", "10.0.0.9"],
      [undefined, "192.0.2.66"],
    ]) {
      const provider = new Scripted(undefined, told);
      const { wakeUps, clock } = wakeUpsOver(provider);
      wakeUps.announce(movable.identification, "192.0.2.1");
      const located = wakeUps.locate(movable, never());
      for (let turns = 0; turns < 10; turns++) await nextTurn();
      wakeUps.announce("TEST1024000000009", "192.0.2.2");
      wakeUps.announce(movable.identification, "192.0.2.66");
      const { result, passedMs } = await within(clock, 1_000, located);
      assert.deepEqual([result.dlms?.host, passedMs], [believed, 0]);
    }
  });

  it("is given up after five minutes, and at once when the run is over", async () => {
    const provider = new Scripted();
    const { wakeUps, clock } = wakeUpsOver(provider);
    await assert.rejects(within(clock, 10_000, wakeUps.locate(movable, never())), {
      code: "SESSION_PROVIDER_ERROR",
      message: /was sent an SMS and is nowhere 300 s later/,
    });
    assert.equal(provider.woken, 1);
    const controller = new AbortController();
    const aborted = wakeUps.locate(movable, controller.signal);
    for (let turns = 0; turns < 10; turns++) await nextTurn();
    controller.abort();
    await assert.rejects(aborted, { code: "CONNECTION_ERROR" });
  });

  it("cannot be found without a SIM card, or with a provider that nobody knows", async () => {
    const { wakeUps } = wakeUpsOver(new Scripted());
    const lost = wakeUps.locate({ ...movable, iccId: undefined }, never());
    await assert.rejects(lost, { code: "INVALID_ICCID", retry: false });
    const strange = wakeUps.locate({ ...movable, communicationProvider: "Other" }, never());
    await assert.rejects(strange, {
      code: "SESSION_PROVIDER_ERROR",
      message: /no session provider .* "Other"/,
      retry: false,
    });
  });
});

describe("a session provider over HTTP", () => {
  let api: SimulatedSessionApi;
  const providerWith = (password: string) =>
    new HttpSessionProvider(PROVIDER, { url: api.url, user: USER, password }, new HttpClient({ clock: systemClock }));
  beforeEach(async () => {
    api = await SimulatedSessionApi.start(USER, PASSWORD);
  });
  afterEach(() => api.close());

  it("tells of a session that has begun and not ended, and sends an SMS", async () => {
    const sim = card({
      onSms() {
        sim.address = "10.1.2.3";
      },
    });
    api.cards.set(ICC_ID, sim);
    const provider = providerWith(PASSWORD);
    assert.equal(await provider.addressOf(ICC_ID, never()), undefined);
    await provider.wake(ICC_ID, never());
    assert.equal(await provider.addressOf(ICC_ID, never()), "10.1.2.3");
    assert.equal(sim.sms, 1);
  });

  it("is in the wrong about a card that it does not know, and about everything else that it says", async () => {
    const provider = providerWith(PASSWORD);
    await assert.rejects(provider.wake(ICC_ID, never()), { code: "INVALID_ICCID", message: new RegExp(ICC_ID) });
    api.cards.set(ICC_ID, card({ address: "10.1.2.3" }));
    const told = [
      ["{", /is no JSON object/],
      ["[]", /is no JSON object/],
      ['{"dateSessionStarted":"x","ipAddress":"somewhere"}', /without an IP address/],
      [" ".repeat(100_000), /more than 65536 octets/],
    ] as const;
    for (const [body, message] of told) {
      api.behaviour.body = body;
      await assert.rejects(provider.addressOf(ICC_ID, never()), { code: "SESSION_PROVIDER_ERROR", message });
    }
    api.behaviour.status = 503;
    await assert.rejects(provider.wake(ICC_ID, never()), { code: "SESSION_PROVIDER_ERROR", message: /status 503/ });
    api.behaviour.status = undefined;
    const refused = {
      code: "SESSION_PROVIDER_ERROR",
      message: /^the session provider KPN: it answers sessionInfo with status 401$/,
    };
    await assert.rejects(providerWith("guessed").addressOf(ICC_ID, never()), refused);
    await api.close();
    await assert.rejects(provider.wake(ICC_ID, never()), { code: "SESSION_PROVIDER_ERROR" });
  });

  it("is in a file that only its owner reads, whose errors do not repeat it", () => {
    const directory = temporaryDirectory();
    const path = join(directory.path, "providers.json");
    const write = (text: string, mode = 0o600) => writeFileSync(path, text, { mode });
    const account = { url: "https://api.example/rws/api/v1/", user: USER, password: PASSWORD };
    write(JSON.stringify({ KPN: account }));
    assert.deepEqual([...readProvidersFile(path)], [["KPN", account]]);
    for (const text of ["{", "[]", JSON.stringify({ KPN: { ...account, url: "ftp://x" } }), `{"KPN":"${PASSWORD}"}`]) {
      write(text);
      assert.throws(
        () => readProvidersFile(path),
        (error: Error & { code: string }) => error.code === "VAULT_UNREADABLE" && !error.message.includes(PASSWORD),
      );
    }
    directory.remove();
  });
});

describe("a request to a meter that an SMS wakes", () => {
  const METER = "TEST1052000000001";
  const directory = temporaryDirectory();
  let api: SimulatedSessionApi;
  let world: World;
  before(async () => {
    api = await SimulatedSessionApi.start(USER, PASSWORD);
    const path = join(directory.path, "providers.json");
    const account = { url: api.url, user: USER, password: PASSWORD };
    writeFileSync(path, JSON.stringify({ [PROVIDER]: account }), { mode: 0o600 });
    world = await startWorld({ METERGATE_SESSION_PROVIDERS_FILE: path, METERGATE_MAX_RETRIES: "0" });
    const { store, vault } = world.service;
    const record = {
      ...{ identification: METER, protocol: { name: "SMR", version: "5.2" }, owner: "test-org", hls5Active: true },
      ...{ awaitsHost: true, ipAddressIsStatic: false, port: world.meter(METER).port, ...SIM },
    };
    const parts = { families: FAMILIES, store, vault, clock: systemClock, replaceKeys: false };
    await importDevices(JSON.stringify({ devices: [record] }), parts);
  });
  after(async () => {
    await world.stop();
    await api.close();
    directory.remove();
  });

  const ask = () => run(world.client, sample("GetFirmwareVersion", ["TEST1024000000001", METER]));

  it("ends with 410 while the provider does not know the card", async () => {
    assert.equal(leaf(await ask(), "Code"), "410");
  });

  it("is answered when the meter pushes that it is awake", async () => {
    const target = {
      host: "127.0.0.1",
      port: world.service.listeners["pushes of DLMS meters"]!,
      transport: "tcp",
    } as const;
    const sim = card({ onSms: () => void world.meter(METER).push(undefined, AWAKE, target) });
    api.cards.set(ICC_ID, sim);
    const answer = await ask();
    assert.equal(leaf(answer, "Result"), "OK", answer.xml);
    assert.equal(sim.sms, 1);
  });

  it("is answered without an SMS while the meter has a session", async () => {
    const sim = card({ address: "127.0.0.1" });
    api.cards.set(ICC_ID, sim);
    const answer = await ask();
    assert.equal(leaf(answer, "Result"), "OK", answer.xml);
    assert.equal(sim.sms, 0);
  });

  it("ends with 419 while the provider is ill", async () => {
    api.behaviour.status = 500;
    const answer = await ask();
    assert.equal(leaf(answer, "Code"), "419");
    assert.match(
      leaf(answer, "InnerMessage") ?? "",
      /^Device TEST1052000000001: the session provider KPN: .* status 500$/,
    );
  });
});
