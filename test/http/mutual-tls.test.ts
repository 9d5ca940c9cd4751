import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { newAuthority, revocationList } from "../../src/certificates/authority.ts";
import { newRouter, sendText } from "../../src/http/app.ts";
import { Credentials } from "../../src/http/credentials.ts";
import { type HttpHost, openHttpHost } from "../../src/http/host.ts";
import { Peers, whyNotOf } from "../../src/http/peers.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { AUTHORITY, issue, SERVER, wanted } from "../certificates/authority.ts";

type Identity = typeof AUTHORITY;

/** A host that answers with what it thinks of its caller as the organisation `test-org`. */
class World {
  readonly directory = mkdtempSync(join(tmpdir(), "metergate-tls-"));
  readonly clock = new ManualClock(Date.now());
  readonly told: { level: string; context: Readonly<Record<string, unknown>>; text: string }[] = [];
  host!: HttpHost;
  credentials!: Credentials;

  file(name: string, content?: string): string {
    const file = join(this.directory, name);
    if (content === undefined) return file;
    // As administrators' programs do it: nobody sees half of it.
    writeFileSync(`${file}.new`, content);
    renameSync(`${file}.new`, file);
    return file;
  }

  async start({ isTls = true, proxies = [] as string[] } = {}): Promise<void> {
    const note = (level: string) => (context: Readonly<Record<string, unknown>>, text: string) =>
      void this.told.push({ level, context, text });
    const logger = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
    const files = {
      ...(isTls && { tlsCertificateFile: this.file("server.pem", SERVER.certificate) }),
      ...(isTls && { tlsKeyFile: this.file("server-key.pem", SERVER.key) }),
      tlsAuthoritiesFile: this.file("ca.pem", AUTHORITY.certificate),
      tlsRevocationFile: this.file("crl.pem", this.listOf([])),
      tlsMinVersion: "TLSv1.2",
    } as const;
    const { clock } = this;
    this.credentials = await Credentials.open(files, clock, logger);
    const peers = new Peers({
      ...{ credentials: this.credentials, clock, callerNameIn: "cn", trustedProxies: proxies },
      forwardedCertificateHeader: "X-Client-Cert",
    });
    const router = newRouter();
    router.use((request, response) => sendText(response, 200, whyNotOf(peers.of(request), "test-org") ?? "welcome"));
    this.host = await openHttpHost({
      ...{ host: "127.0.0.1", port: 0, clock, logger, tls: this.credentials.context },
      apps: [{ router, signpost: () => "" }],
    });
  }

  listOf(revoked: readonly string[]): string {
    const nowMs = this.clock.now();
    return revocationList(AUTHORITY, revoked, { number: 1, thisUpdateMs: nowMs, nextUpdateMs: nowMs + 86_400_000 });
  }

  async reload(): Promise<boolean> {
    const changed = await this.credentials.reload();
    if (changed && this.credentials.context) this.host.replaceTls(this.credentials.context);
    return changed;
  }

  async stop(): Promise<void> {
    await this.host.close();
    rmSync(this.directory, { recursive: true });
  }

  /** What the host says to a caller. */
  ask(identity?: Identity, { agent, headers = {}, authority = AUTHORITY }: Asking = {}): Promise<string> {
    const { port } = this.host;
    const tls = {
      ...{ ca: authority.certificate, cert: identity?.certificate, key: identity?.key },
      agent: agent ?? new Agent({ maxCachedSessions: 0 }),
    };
    const send = this.credentials.context ? httpsRequest : httpRequest;
    const options = this.credentials.context ? tls : {};
    return new Promise((resolve, reject) => {
      send({ host: "127.0.0.1", port, headers, ...options }, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve(text.trim()));
      })
        .on("error", reject)
        .end();
    });
  }
}

interface Asking {
  readonly agent?: Agent;
  readonly headers?: Record<string, string>;
  readonly authority?: Identity;
}

describe("a caller over TLS", () => {
  let world: World;
  const caller = issue("test-org");

  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.stop());

  it("is who its certificate names", async () => {
    await world.start();
    assert.equal(await world.ask(caller), "welcome");
    assert.match(
      await world.ask(issue("other-org")),
      /certificate is for other-org, not for test-org: CN=other-org, issued/,
    );
    assert.equal(await world.ask(), "no client certificate was presented");
    const stranger = newAuthority(wanted("Stranger"), systemRandom);
    assert.match(await world.ask(issue("test-org", { by: stranger })), /not issued by one of the authorities/);
  });

  it("is known by nothing that it says in a header", async () => {
    await world.start();
    const headers = { "x-client-cert": encodeURIComponent(caller.certificate) };
    assert.equal(await world.ask(undefined, { headers }), "no client certificate was presented");
    assert.match(await world.ask(issue("other-org"), { headers }), /not for test-org/);
  });

  it("is not spoken to in TLS 1.1", async () => {
    await world.start();
    const socket = connect({
      ...{ host: "127.0.0.1", port: world.host.port, ca: AUTHORITY.certificate },
      ...{ minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" },
    });
    const connected = new Promise((resolve, reject) => void socket.on("secureConnect", resolve).on("error", reject));
    await assert.rejects(connected, { code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" });
  });

  it("is refused on an open connection as soon as its certificate is on the reloaded list, or its time is over", async () => {
    await world.start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    assert.equal(await world.ask(caller, { agent }), "welcome");
    world.file("crl.pem", world.listOf([caller.certificate]));
    assert.equal(await world.reload(), true);
    assert.match(await world.ask(caller, { agent }), /was revoked: CN=test-org/);
    world.file("crl.pem", world.listOf([]));
    await world.reload();
    assert.equal(await world.ask(caller, { agent }), "welcome");
    world.clock.advance(100 * 86_400_000);
    assert.match(await world.ask(caller, { agent }), /expired on/);
    agent.destroy();
  });

  it("meets another certificate and other authorities after they were replaced, and no request fails", async () => {
    await world.start();
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const next = newAuthority(wanted("Next authority"), systemRandom);
    const others = issue("test-org", { by: next });
    let failures = 0;
    let stop = false;
    const load = [1, 2, 3, 4].map(async () => {
      while (!stop) if ((await world.ask(caller, { agent }).catch(() => "failed")) !== "welcome") failures += 1;
    });
    assert.match(await world.ask(others), /not issued by/);
    const server = issue("localhost", { by: next, use: { server: true, hosts: ["127.0.0.1"] } });
    world.file("ca.pem", AUTHORITY.certificate + next.certificate);
    world.file("server-key.pem", server.key);
    // Between two files of a pair: what was there before stays.
    assert.equal(await world.reload(), false);
    assert.match(String(world.told.at(-1)?.context.reason), /does not belong to the certificate/);
    assert.equal(await world.ask(caller), "welcome");
    world.file("server.pem", server.certificate);
    assert.equal(await world.reload(), true);
    assert.equal(await world.ask(others, { authority: next }), "welcome");
    const gone = issue("test-org");
    assert.equal(await world.ask(gone, { authority: next }), "welcome");
    world.file("crl.pem", world.listOf([gone.certificate]));
    assert.equal(await world.reload(), true);
    assert.match(await world.ask(gone, { authority: next }), /was revoked/);
    stop = true;
    await Promise.all(load);
    assert.equal(failures, 0);
    agent.destroy();
  });

  it("meets what was there before when a changed file is none", async () => {
    await world.start();
    for (const [name, content, reason] of [
      ["ca.pem", "hello", /ca\.pem has no certificate/],
      ["ca.pem", SERVER.certificate, /ca\.pem has a certificate that is no authority's: CN=localhost/],
      ["crl.pem", "hello", /revocation list cannot be read/],
      ["server-key.pem", "hello", /server-key\.pem has no private key/],
    ] as const) {
      world.file(name, content);
      assert.equal(await world.reload(), false);
      const { level, context } = world.told.at(-1)!;
      assert.equal(level, "error");
      assert.match(String(context.reason), reason);
      assert.equal(await world.ask(caller), "welcome", name);
      const before = { "ca.pem": AUTHORITY.certificate, "crl.pem": world.listOf([]), "server-key.pem": SERVER.key };
      world.file(name, before[name]);
      await world.reload();
    }
  });

  it("comes in time for whoever is told of certificates that end, once a day", async () => {
    await world.start();
    const warnings = () =>
      world.told.filter(({ level }) => level === "warn").map(({ context }) => String(context.what));
    const before = warnings().length;
    world.credentials.warn();
    assert.equal(warnings().length, before);
    world.clock.advance(70 * 86_400_000);
    world.credentials.warn();
    assert.ok(warnings().some((what) => what.startsWith("CN=localhost")));
    assert.ok(warnings().some((what) => what.startsWith("revocation list of CN=Test authority")));
    const after = warnings().length;
    world.credentials.warn();
    assert.equal(warnings().length, after);
    assert.ok(world.credentials.daysLeft! < 0, "the list is out of date");
  });
});

describe("a caller behind a proxy", () => {
  let world: World;
  const caller = issue("test-org");
  const header = (value: string) => ({ headers: { "x-client-cert": value } });

  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.stop());

  it("is who the forwarded certificate names, however the proxy writes it", async () => {
    await world.start({ isTls: false, proxies: ["127.0.0.1"] });
    const oneLine = caller.certificate.replaceAll("\n", " ").trim();
    const base64 = oneLine.replace(/-----[A-Z ]+-----/g, "").replaceAll(" ", "");
    for (const value of [encodeURIComponent(caller.certificate), oneLine, base64, `:${base64}:`]) {
      assert.equal(await world.ask(undefined, header(value)), "welcome", value);
    }
  });

  it("is judged as over TLS, though a proxy says otherwise", async () => {
    await world.start({ isTls: false, proxies: ["127.0.0.1"] });
    const stranger = newAuthority(wanted("Stranger"), systemRandom);
    for (const [value, expected] of [
      [encodeURIComponent(issue("other-org").certificate), /not for test-org/],
      [encodeURIComponent(issue("test-org", { by: stranger }).certificate), /not issued by/],
      [encodeURIComponent(issue("test-org", { valid: { from: -9, to: -1 } }).certificate), /expired/],
      ["hello", /something that is no certificate/],
      ["%zz", /something that is no certificate/],
      ["", /forwarded no client certificate in the header x-client-cert/],
    ] as const) {
      assert.match(await world.ask(undefined, header(value)), expected, value);
    }
  });

  it("is nobody when who forwards is no proxy of ours", async () => {
    await world.start({ isTls: false, proxies: ["192.0.2.1", "2001:DB8:0::1"] });
    const answer = await world.ask(undefined, header(encodeURIComponent(caller.certificate)));
    assert.match(answer, /127\.0\.0\.1 is no proxy that may forward certificates/);
  });
});
