import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { since, systemClock } from "../../src/lib/clock.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { encodePush } from "../../src/simulators/dlms/push.ts";
import { run, sample, startWorld, type World } from "./harness.ts";
import { envelope } from "./matrix-case.ts";

const CONFIGURATION = "/osgp-adapter-ws-smartmetering/smartMetering/configurationService/";
const DEVICE = "TEST1052000000001";
/** A meter that is asked in between. Loopback has many addresses: each stands for a sender of its own. */
const GOOD_SENDER = "127.0.0.2";
const MOST_GROWTH_BYTES = 300 * 1_048_576;
const MESSAGES_PER_SOURCE = 120;
/** How long the service waits for the headers of a message. */
const HEADERS_TIMEOUT_MS = 20_000;

/** Everything that a connection sends back until it is closed. */
async function until(socket: Socket, done: (received: string) => boolean = () => false): Promise<string> {
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk;
    if (done(received)) socket.destroy();
  });
  socket.on("error", () => {});
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return received;
}

const answersIn = (text: string) => text.split(/HTTP\/1\.[01] (?=\d{3})/).length - 1;

describe("the whole service", () => {
  let world: World;
  let port: number;
  let rssBefore: number;

  before(async () => {
    world = await startWorld();
    port = Number(new URL(world.service.baseUrl).port);
    await run(world.client, sample("GetFirmwareVersion"));
    rssBefore = process.memoryUsage.rss();
  });

  after(() => world.stop());

  /** Whatever was done to it: a request is served, and memory has not run away. */
  afterEach(async () => {
    const answer = await run(world.client, sample("GetFirmwareVersion"));
    assert.equal(answer.element, "GetFirmwareVersionResponse", answer.xml);
    const grownBytes = process.memoryUsage.rss() - rssBefore;
    assert.ok(grownBytes < MOST_GROWTH_BYTES, `${Math.round(grownBytes / 1_048_576)} MiB more than before`);
  });

  const raw = (bytes: string | Uint8Array, done?: (received: string) => boolean): Promise<string> => {
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    return until(socket, done);
  };

  const head = (...lines: string[]) =>
    [`POST ${CONFIGURATION} HTTP/1.1`, "Host: x", "Content-Type: text/xml; charset=utf-8", ...lines, "", ""].join(
      "\r\n",
    );

  /** A request document as HTTP. */
  function message(body: Uint8Array, ...lines: string[]): Buffer {
    return Buffer.concat([Buffer.from(head(`Content-Length: ${body.length}`, ...lines)), body]);
  }

  describe("over HTTP", () => {
    it("serves others while headers and bodies trickle in", async () => {
      const slow = Array.from({ length: 300 }, (_, i) => {
        const socket = connect(port, "127.0.0.1");
        socket.on("error", () => {});
        socket.write(i % 2 === 0 ? "POST / HTTP/1.1\r\nX-Slow: " : `${head("Content-Length: 1000000")}<half`);
        return socket;
      });
      await Promise.all(slow.map((socket) => once(socket, "connect")));
      for (const socket of slow) socket.write("a");
      assert.equal((await run(world.client, sample("GetFirmwareVersion"))).element, "GetFirmwareVersionResponse");
      for (const socket of slow) socket.destroy();
    });

    it("answers 1,000 connections that ask at once", async () => {
      const unknown = `<c:DeviceIdentification>${DEVICE}</c:DeviceIdentification><c:CorrelationUid>${"0".repeat(32)}</c:CorrelationUid>`;
      const body = envelope(`<s:GetFirmwareVersionAsyncRequest>${unknown}</s:GetFirmwareVersionAsyncRequest>`);
      const one = message(body, "Connection: close");
      const begun = systemClock.elapsed();
      const answers = await Promise.all(Array.from({ length: 1_000 }, () => raw(one)));
      const served = answers.filter((answer) => /^HTTP\/1\.1 500 .*CorrelationUid is unknown/s.test(answer)).length;
      const refused = answers.filter((answer) => /^HTTP\/1\.1 503 /.test(answer)).length;
      assert.ok(refused <= 100, `${refused} were refused`);
      // The rest were closed for being too slow themselves, on a machine that was busy for so long.
      if (since(systemClock, begun) < HEADERS_TIMEOUT_MS) assert.equal(served + refused, 1_000);
      assert.ok(served > 0);
    });

    it("answers requests that come in one piece, one after the other and in order", async () => {
      const bad = Buffer.from(`${head("Content-Length: 4")}<a/>`);
      const pipeline = Buffer.concat([
        ...Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? message(sample("GetFirmwareVersion")) : bad)),
        message(sample("GetFirmwareVersion"), "Connection: close"),
      ]);
      const statuses = [...(await raw(pipeline)).matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status);
      assert.deepEqual(statuses, [...Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? "200" : "500")), "200"]);
    });

    it("speaks HTTP/1.0, and closes after it", async () => {
      const old = message(sample("GetFirmwareVersion")).toString("latin1").replace("HTTP/1.1", "HTTP/1.0");
      const answer = await raw(Buffer.from(old, "latin1"));
      assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*connection: close/i);
    });

    const refusals: [what: string, bytes: string, status: RegExp][] = [
      ["a header of 100 kB", head(`X-Long: ${"a".repeat(100_000)}`), /^HTTP\/1\.1 431 /],
      ["5,000 headers", head(...Array.from({ length: 5_000 }, (_, i) => `X-${i}: a`)), /^HTTP\/1\.1 431 /],
      ["a path of 100 kB", `GET /${"a".repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, /^HTTP\/1\.1 431 /],
      ["chunks that are none", `${head("Transfer-Encoding: chunked")}ZZ\r\nabc`, /^HTTP\/1\.1 400 /],
      [
        "a chunk length beyond every number",
        `${head("Transfer-Encoding: chunked")}${"F".repeat(40)}\r\n`,
        /^HTTP\/1\.1 400 /,
      ],
      [
        "both a length and chunks",
        `${head("Content-Length: 5", "Transfer-Encoding: chunked")}0\r\n\r\n`,
        /^HTTP\/1\.1 400 /,
      ],
      ["two lengths", `${head("Content-Length: 5", "Content-Length: 6")}<a/>`, /^HTTP\/1\.1 400 /],
      ["a negative length", `${head("Content-Length: -1")}<a/>`, /^HTTP\/1\.1 400 /],
      ["a header cut by a NUL", head("X-Nul: a\0b"), /^HTTP\/1\.1 400 /],
      ["the greeting of TLS", "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", /^HTTP\/1\.1 400 /],
      ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", /^HTTP\/1\.1 (400|505) |^$/],
      ["a method of its own", "FROB / HTTP/1.1\r\nHost: x\r\n\r\n", /^HTTP\/1\.1 400 /],
      [
        "a way out of the folder",
        "GET /../../../../etc/passwd HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        /^HTTP\/1\.1 404 /,
      ],
      [
        "a path that cannot be decoded",
        "GET /%ff%00%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        /^HTTP\/1\.1 40[04] /,
      ],
    ];
    for (const [what, bytes, status] of refusals) {
      it(`refuses ${what}, and shows nothing of itself`, async () => {
        const answer = await raw(Buffer.from(bytes, "latin1"));
        assert.match(answer, status);
        assert.doesNotMatch(answer, /node_modules|\.ts:|\.js:|x-powered-by/i);
      });
    }

    it("stops bombs at its limit: twenty at once, each of 100 MB in 100 kB", async () => {
      const bomb = gzipSync(Buffer.alloc(100_000_000));
      const bytes = Buffer.concat([
        Buffer.from(head(`Content-Length: ${bomb.length}`, "Content-Encoding: gzip", "Connection: close")),
        bomb,
      ]);
      const answers = await Promise.all(Array.from({ length: 20 }, () => raw(bytes)));
      for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 500 [\s\S]*larger than/);
    });

    it("refuses documents made to overwhelm its parser", async () => {
      const entities = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join("");
      const documents = [
        `<!DOCTYPE x [<!ENTITY l0 "lol">${entities}]><x>&l9;</x>`,
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///dev/zero">%p;]><x/>',
        "<a>".repeat(300_000),
        `<a ${Array.from({ length: 60_000 }, (_, i) => `b${i}=''`).join(" ")}/>`,
        `<a>${"<!-- -->".repeat(120_000)}</a>`,
        `<a>${"]]>".repeat(300_000)}`,
      ];
      for (const document of documents) {
        const answer = await raw(`${head(`Content-Length: ${document.length}`, "Connection: close")}${document}`);
        assert.match(answer, /^HTTP\/1\.1 500 [\s\S]*<faultcode>SOAP-ENV:Client</);
      }
    });

    it("answers or closes whatever octets come", async () => {
      const bytes = fc.uint8Array({ minLength: 1, maxLength: 200 });
      await fc.assert(
        fc.asyncProperty(bytes, fc.boolean(), async (octets, afterHead) => {
          const socket = connect(port, "127.0.0.1", () => {
            if (afterHead) socket.write(head("Transfer-Encoding: chunked"));
            socket.end(octets);
          });
          assert.ok(answersIn(await until(socket)) <= 2);
        }),
        { numRuns: 100, seed: 1 },
      );
    });
  });

  describe("at the port for alarms", () => {
    const pushes = () => world.service.store.pushes;
    const target = () => ({ port: world.service.listeners["pushes of DLMS meters"]!, host: "127.0.0.1" });

    /** Sends octets over TCP from an address of the loopback. */
    async function sendTcp(source: string, octets: Uint8Array): Promise<void> {
      const socket = connect({ ...target(), localAddress: source }, () => socket.end(octets));
      await until(socket);
    }

    /** Sends datagrams from an address of the loopback. */
    async function sendUdp(source: string, datagrams: readonly Uint8Array[]): Promise<void> {
      const socket = createSocket("udp4");
      await new Promise<void>((resolve) => socket.bind(0, source, resolve));
      for (const datagram of datagrams) {
        await new Promise((resolve) => socket.send(datagram, target().port, target().host, resolve));
      }
      await new Promise<void>((resolve) => socket.close(resolve));
    }

    const alarm = (bit: number) =>
      encodePush(world.meter(DEVICE).meter, {
        format: "smr5",
        trigger: parseObis("0.1.25.9.0.255"),
        alarmRegisters: [2 ** bit, 0],
      });

    /** A push of a meter that behaves arrives all the same. */
    async function requireGoodPush(): Promise<void> {
      const before = await pushes().list(10_000);
      await sendTcp(GOOD_SENDER, alarm(1));
      for (;;) {
        const after = await pushes().list(10_000);
        const known = new Set(before.map(({ correlationUid }) => correlationUid));
        if (after.some((push) => !known.has(push.correlationUid) && push.alarms.includes("REPLACE_BATTERY"))) return;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }

    it("keeps nothing of what is no push", async () => {
      const before = (await pushes().list(10_000)).length;
      const some = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 700 }), { numRuns: 100, seed: 2 });
      await Promise.all(some.map((octets, i) => sendTcp(`127.0.1.${1 + (i % 50)}`, octets)));
      await sendUdp("127.0.2.1", some);
      // A push whose octets are changed, one at a time, is another push or none, and never a defect.
      const good = alarm(2);
      const changed = [...good.keys()].map((at) =>
        Uint8Array.from(good, (octet, i) => (i === at ? octet ^ 0xff : octet)),
      );
      await sendUdp("127.0.2.2", changed);
      await requireGoodPush();
      assert.ok((await pushes().list(10_000)).length <= before + 1 + changed.length);
    });

    it("drops what one sender floods it with, and hears the others", async () => {
      const before = (await pushes().list(10_000)).length;
      await sendUdp(
        "127.0.3.1",
        Array.from({ length: 3_000 }, () => alarm(3)),
      );
      await Promise.all(Array.from({ length: 200 }, () => sendTcp("127.0.3.2", alarm(3))));
      await requireGoodPush();
      const kept = (await pushes().list(10_000)).length - before;
      assert.ok(kept <= 2 * MESSAGES_PER_SOURCE + 1, `${kept} were kept`);
    });

    it("lets one sender hold only so many connections", async () => {
      const sockets = Array.from({ length: 200 }, () => connect({ ...target(), localAddress: "127.0.4.1" }));
      let closed = 0;
      const most = new Promise<void>((resolve) => {
        for (const socket of sockets) {
          socket.on("error", () => {});
          socket.on("close", () => {
            closed += 1;
            if (closed === 184) resolve();
          });
          socket.resume();
        }
      });
      await most;
      await requireGoodPush();
      assert.equal(closed, 184);
      for (const socket of sockets) socket.destroy();
    });

    it("keeps nothing of meters that it does not know", async () => {
      const before = (await pushes().list(10_000)).length;
      const stranger = Buffer.from(alarm(1)).toString("latin1").replace(DEVICE, "TEST1052000009999");
      assert.ok(stranger.includes("9999"));
      await sendTcp("127.0.5.1", Buffer.from(stranger, "latin1"));
      await requireGoodPush();
      assert.equal((await pushes().list(10_000)).length, before + 1);
      assert.ok(world.complaints.includes("push of a device that is unknown or has no owner"));
    });
  });

  describe("after all that", () => {
    it("has taken nothing of it for a defect of its own", () => {
      const defects = world.complaints.filter((text) => /could not be (answered|kept)|defect/.test(text));
      assert.deepEqual(defects, []);
    });
  });
});
