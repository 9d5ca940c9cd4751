import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { newRouter, sendText } from "../../src/http/app.ts";
import { type HttpHost, openHttpHost } from "../../src/http/host.ts";
import { Intake } from "../../src/http/intake.ts";
import { sourceOf } from "../../src/http/source.ts";
import { ManualClock } from "../../src/lib/clock.ts";

const LIMIT = 1_000;

/** A host with one application that answers with the length of what it gets, when it is let. */
class World {
  readonly host: HttpHost;
  readonly #gate: { open: Promise<void> };

  constructor(host: HttpHost, gate: { open: Promise<void> }) {
    this.host = host;
    this.#gate = gate;
  }

  static async start(): Promise<World> {
    const gate = { open: Promise.resolve() };
    const clock = new ManualClock(0);
    const intake = new Intake(LIMIT, clock);
    const router = newRouter();
    router.all("/app", (request, response) =>
      intake.run(request, sourceOf(request.socket), async (body) => {
        await gate.open;
        sendText(response, 200, String(body.length));
      }),
    );
    router.all("/broken", () => {
      throw new TypeError("secret of the house");
    });
    router.all("/broken-later", () => Promise.reject(new TypeError("secret of the house")));
    const host = await openHttpHost({
      ...{ host: "127.0.0.1", port: 0, clock, logger: { debug: () => {}, error: () => {} } },
      apps: [{ router, signpost: () => "See /app" }],
    });
    return new World(host, gate);
  }

  /** Holds answers back until the returned function is called. */
  hold(): () => void {
    let release = () => {};
    this.#gate.open = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  /** A connection from one of the loopback's many addresses. */
  async connect(source: string): Promise<Socket> {
    const socket = connect({ host: "127.0.0.1", port: this.host.port, localAddress: source });
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  }

  async ask(source: string, path: string, body = "x"): Promise<string> {
    const socket = await this.connect(source);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    await once(socket, "close");
    return text;
  }
}

describe("the HTTP host", () => {
  let world: World;
  beforeEach(async () => {
    world = await World.start();
  });
  afterEach(() => world.host.close());

  it("gives a request to the application that knows its path, written as a whole URL too", async () => {
    assert.match(await world.ask("127.0.0.1", "/APP/?x=1"), /^HTTP\/1\.1 200 [\s\S]*\r\n\r\n1\n$/);
    assert.match(await world.ask("127.0.0.1", "http://elsewhere/app"), /^HTTP\/1\.1 200 /);
    assert.match(await world.ask("127.0.0.1", "/other"), /^HTTP\/1\.1 404 [\s\S]*See \/app/);
  });

  it("shows nothing of a defect", async () => {
    for (const path of ["/broken", "/broken-later"]) {
      const answer = await world.ask("127.0.0.1", path);
      assert.match(answer, /^HTTP\/1\.1 500 [\s\S]*Internal error/);
      assert.doesNotMatch(answer, /secret|TypeError|express/i);
    }
  });

  it("serves others, the same source too, while 1,001 bodies do not come", async () => {
    const head = "POST /app HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n<half";
    const waiting = await Promise.all(Array.from({ length: 1_001 }, () => world.connect("127.0.0.2")));
    for (const socket of waiting) socket.write(head);
    for (const source of ["127.0.0.1", "127.0.0.2"]) {
      assert.match(await world.ask(source, "/app"), /^HTTP\/1\.1 200 /);
    }
    for (const socket of waiting) socket.destroy();
  });

  it("keeps places for others when one source has as many messages under way as it may", async () => {
    const release = world.hold();
    const mine = Array.from({ length: 1_001 }, () => world.ask("127.0.0.2", "/app"));
    const refused = await Promise.race(mine);
    assert.match(refused, /^HTTP\/1\.1 503 [\s\S]*retry-after: 1[\s\S]*Too many messages at once/);
    const other = world.ask("127.0.0.3", "/app");
    release();
    assert.match(await other, /^HTTP\/1\.1 200 /);
    const answers = await Promise.all(mine);
    assert.equal(answers.filter((text) => text.startsWith("HTTP/1.1 200 ")).length, 1_000);
    assert.match(await world.ask("127.0.0.2", "/app"), /^HTTP\/1\.1 200 /);
  });
});
