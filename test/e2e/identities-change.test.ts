import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { Agent, type AgentOptions, request } from "node:https";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { newAuthority, revocationList } from "../../src/certificates/authority.ts";
import { DEMO_METERS } from "../../src/cli/demo-fleet.ts";
import { run } from "../../src/cli/program.ts";
import { type Clock, type Elapsed, type Instant, systemClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { AUTHORITY, issue, SERVER, wanted } from "../certificates/authority.ts";
import { about, METER } from "./attack-world.ts";
import { startWorld, temporaryDirectory, type World } from "./harness.ts";

type Identity = typeof AUTHORITY;

const TAKEN = /<\w+:CorrelationUid/;
const REVOKED = /Client certificate is untrusted or invalid: the certificate was revoked/;
const PATH = "/osgp-adapter-ws-smartmetering/smartMetering/configurationService/";
/** Year 2100: taken now, run never. */
const NEVER = "<com:ScheduleTime>4102444800000</com:ScheduleTime>";
/** A wait that nothing else has. */
const WATCH_MS = 87_654_321;
const DAY_MS = 86_400_000;

/** The system's clock, on which the service looks at its files when it is told to; and time that passes at once. */
class LookingClock implements Clock {
  #aheadMs = 0;
  #look: (() => void) | undefined;
  #looked: (() => void) | undefined;

  now(): Instant {
    return (systemClock.now() + this.#aheadMs) as Instant;
  }

  elapsed(): Elapsed {
    return (systemClock.elapsed() + this.#aheadMs) as Elapsed;
  }

  after(delayMs: number, callback: () => void): () => void {
    if (delayMs !== WATCH_MS) return systemClock.after(delayMs, callback);
    this.#look = callback;
    this.#looked?.();
    return () => {};
  }

  pass(ms: number): void {
    this.#aheadMs += ms;
  }

  /** Resolves when the service has looked, and waits for the next time. */
  look(): Promise<void> {
    return new Promise((resolve) => {
      this.#looked = resolve;
      this.#look!();
    });
  }
}

/** Ways to connect: by one connection for all, by sessions that are taken up again, and always anew. */
const WAYS: Readonly<Record<string, AgentOptions>> = {
  "by one connection": { keepAlive: true, maxSockets: 1 },
  "by resumed sessions": {},
  "by resumed sessions of TLS 1.2": { maxVersion: "TLSv1.2" },
  anew: { maxCachedSessions: 0 },
};

/** Somebody who sends one message after the other, and what has to be heard on each. */
class Caller {
  readonly #organisation: string;
  readonly #agent: Agent;
  readonly #port: number;
  readonly way: string;
  /** One of them. */
  expected: readonly RegExp[] = [TAKEN];
  /** Answers, connections among them, and of these the ones that went on with a session of before. */
  readonly counts = { heard: 0, connections: 0, resumed: 0 };
  failure: unknown;

  constructor(organisation: string, identity: Identity, way: string, port: number) {
    const ca = [AUTHORITY.certificate, NEXT.certificate];
    this.#agent = new Agent({ ...WAYS[way], ca, cert: identity.certificate, key: identity.key });
    this.#organisation = organisation;
    this.way = way;
    this.#port = port;
  }

  async load(isOver: () => boolean, onProgress: () => void): Promise<void> {
    try {
      while (!isOver()) {
        const before = this.expected;
        const text = await this.#send();
        // What changed while it was under way may count or not; what was there before it, has to.
        const isExpected = [...before, ...this.expected].some((each) => each.test(text));
        assert.ok(isExpected, `${this.#organisation} ${this.way}, expected ${before.join(" or ")}: ${text}`);
        this.counts.heard += 1;
        onProgress();
      }
    } catch (error) {
      this.failure = error;
      onProgress();
    } finally {
      this.#agent.destroy();
    }
  }

  #send(): Promise<string> {
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          ...{ host: "127.0.0.1", port: this.#port, path: PATH, method: "POST", agent: this.#agent },
          headers: { "content-type": "text/xml; charset=utf-8" },
        },
        (response) => {
          let text = "";
          response.on("data", (chunk) => {
            text += chunk;
          });
          response.on("error", reject).on("end", () => resolve(text));
        },
      );
      sent.on("socket", (socket) => {
        if (sent.reusedSocket) return;
        socket.once("secureConnect", () => {
          this.counts.connections += 1;
          if ((socket as TLSSocket).isSessionReused()) this.counts.resumed += 1;
        });
      });
      sent.on("error", reject).end(about(this.#organisation, METER, "GetFirmwareVersion", NEVER));
    });
  }
}

/** The authority that follows. */
const NEXT = newAuthority(wanted("Next authority"), systemRandom);

describe("a service under load over mutual TLS", () => {
  const directory = temporaryDirectory();
  const clock = new LookingClock();
  const callers: Caller[] = [];
  const loads: Promise<void>[] = [];
  const goner = issue("other-org");
  let world: World;
  let [port, isOver, progress] = [0, false, () => {}];
  let [staying, going, next]: Caller[][] = [];

  /** As administrators' programs do it: nobody sees half of a file. */
  function file(name: string, ...contents: string[]): string {
    const path = join(directory.path, name);
    writeFileSync(`${path}.new`, contents.join(""), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    return path;
  }

  function revoked(by: Identity, ...certificates: string[]): string {
    const [nowMs, number] = [Date.now(), callers.length];
    const dates = { thisUpdateMs: nowMs - DAY_MS, nextUpdateMs: nowMs + DAY_MS };
    return revocationList(by, certificates, { number, ...dates });
  }

  /** From now on an organisation sends, and is heard. */
  function begin(organisation: string, identity: Identity, ways: readonly string[]): Caller[] {
    const begun = ways.map((way) => new Caller(organisation, identity, way, port));
    callers.push(...begun);
    loads.push(
      ...begun.map((caller) =>
        caller.load(
          () => isOver,
          () => progress(),
        ),
      ),
    );
    return begun;
  }

  /** Lets callers hear something else from the end of a change on; while it goes on, either. */
  async function change(those: readonly Caller[], expected: RegExp, work: () => Promise<unknown>): Promise<void> {
    for (const caller of those) caller.expected = [...caller.expected, expected];
    await work();
    for (const caller of those) caller.expected = [expected];
    await answers(1);
  }

  /** Until everybody has heard that many more answers, each of what it expects now. */
  async function answers(count: number): Promise<void> {
    // The next answer may be of a message that was sent before.
    const wanted = callers.map(({ counts }) => counts.heard + count + 1);
    const isDone = () => callers.every(({ counts, failure }, i) => failure !== undefined || counts.heard >= wanted[i]!);
    while (!isDone()) await new Promise<void>((resolve) => (progress = resolve));
    for (const { failure } of callers) if (failure !== undefined) throw failure;
  }

  /** The certificate that whoever connects now is shown. */
  async function shown(): Promise<string | undefined> {
    const socket = connect({ host: "127.0.0.1", port, ca: [AUTHORITY.certificate, NEXT.certificate] });
    await new Promise((resolve, reject) => void socket.once("secureConnect", resolve).once("error", reject));
    const serial = socket.getPeerX509Certificate()?.serialNumber;
    socket.destroy();
    return serial;
  }

  before(async () => {
    const settings = {
      METERGATE_PLAIN_HTTP: "false",
      METERGATE_TLS_CERTIFICATE_FILE: file("server.pem", SERVER.certificate),
      METERGATE_TLS_KEY_FILE: file("server-key.pem", SERVER.key),
      METERGATE_TLS_AUTHORITIES_FILE: file("ca.pem", AUTHORITY.certificate),
      METERGATE_TLS_REVOCATION_FILE: file("crl.pem", revoked(AUTHORITY)),
    };
    const meters = DEMO_METERS.filter(({ identification }) => identification === METER);
    world = await startWorld(settings, { meters, clock, watchMs: WATCH_MS });
    port = Number(new URL(world.service.baseUrl).port);
    const { organisations } = world.service.store;
    await organisations.add({ identification: "other-org", enabled: true }, []);
    await organisations.grant({ device: METER, organisation: "other-org", functionGroup: "FIRMWARE" }, []);
    staying = begin("test-org", issue("test-org"), ["by one connection", "by resumed sessions"]);
    going = begin("other-org", goner, Object.keys(WAYS));
    await answers(2);
  });
  after(async () => {
    isOver = true;
    await Promise.all(loads);
    await world.stop();
    directory.remove();
  });

  it("goes on with sessions of before where callers do, or what follows would prove nothing", () => {
    for (const { way, counts } of [...staying!, ...going!]) {
      assert.equal(counts.connections > 1, way !== "by one connection", way);
      assert.equal(counts.resumed > 0, way.includes("resumed"), way);
    }
  });

  it("shows another certificate of its own to whoever connects, and no message fails", async () => {
    const before = await shown();
    const server = issue("localhost", { by: NEXT, use: { server: true, hosts: ["127.0.0.1"] } });
    // A look between the two: what was there before stays.
    file("server-key.pem", server.key);
    await clock.look();
    assert.equal(await shown(), before);
    file("server.pem", server.certificate);
    await clock.look();
    assert.notEqual(await shown(), before);
    await answers(1);
  });

  it("takes the next authority's callers beside those of the one before", async () => {
    file("ca.pem", AUTHORITY.certificate, NEXT.certificate);
    file("crl.pem", revoked(AUTHORITY), revoked(NEXT));
    await clock.look();
    next = begin("other-org", issue("other-org", { by: NEXT }), ["by one connection", "anew"]);
    await answers(1);
  });

  it("hears nothing of who is revoked after it looked, neither on open connections nor by sessions of before", async () => {
    const before = going!.map(({ counts }) => ({ ...counts }));
    await change(going!, REVOKED, () => {
      file("crl.pem", revoked(AUTHORITY, goner.certificate), revoked(NEXT));
      return clock.look();
    });
    await answers(2);
    for (const [i, { way, counts }] of going!.entries()) {
      assert.equal(counts.connections > before[i]!.connections, way !== "by one connection", way);
      assert.equal(counts.resumed > before[i]!.resumed, way.includes("resumed"), way);
    }
  });

  it("hears nothing of who lost a right a second after it was withdrawn", async () => {
    await change(next!, /<\w+:Code>301</, async () => {
      const env = { METERGATE_DATA_DIR: world.config.dataDir };
      const told: string[] = [];
      const tell = (text: string) => void told.push(text);
      const code = await run(["devices", "revoke", METER, "other-org", "FIRMWARE"], { env, out: tell, err: tell });
      assert.deepEqual([code, told], [0, [`other-org has no longer FIRMWARE on ${METER}\n`]]);
      clock.pass(1000);
    });
  });

  it("hears nothing of those who have their certificates from an authority that went", async () => {
    await change([...staying!, ...going!], /the certificate was not issued by one of the authorities/, () => {
      file("ca.pem", NEXT.certificate);
      file("crl.pem", revoked(NEXT));
      return clock.look();
    });
  });

  it("complained of nothing but of a key without its certificate", () => {
    const complaints = world.complaints.filter((text) => !/more refused messages/.test(text));
    assert.deepEqual(complaints, ["changed certificates cannot be used, those before stay"]);
  });
});
