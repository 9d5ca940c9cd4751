import assert from "node:assert/strict";
import {
  createServer as createHttp,
  type Server as HttpServer,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { ManualClock, systemClock } from "../../src/lib/clock.ts";
import { HttpClient, type HttpClientParts, type HttpRequest } from "../../src/transport/http-client.ts";
import { AUTHORITY, CLIENT, SERVER } from "./certificates.ts";

const PLAIN = { method: "GET", headers: {}, isAllowed: () => true, timeoutMs: 60_000 } as const;

describe("the connections of the HTTP client", () => {
  const open: { server: HttpServer; sockets: number }[] = [];
  const clients: HttpClient[] = [];

  async function listen(answer: RequestListener, tls?: object) {
    const server = (tls ? createHttps(tls, answer) : createHttp(answer)) as HttpServer;
    const opened = { server, sockets: 0 };
    server.on(tls ? "secureConnection" : "connection", () => {
      opened.sockets += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push(opened);
    const { port } = server.address() as AddressInfo;
    return Object.assign(opened, { port });
  }
  function client(parts: Partial<HttpClientParts> = {}): HttpClient {
    const made = new HttpClient({ clock: systemClock, resolve: async () => ["127.0.0.1"], ...parts });
    clients.push(made);
    return made;
  }
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((each) => each.close()));
    for (const { server } of open.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  const to = (port: number, more: Partial<HttpRequest> = {}, scheme = "http"): HttpRequest => ({
    ...PLAIN,
    url: new URL(`${scheme}://meter.example:${port}/path?secret=hidden`),
    ...more,
  });

  it("are kept for the next request to the same target when they shall be, and for no other", async () => {
    const first = await listen((_, response) => response.end("1"));
    const second = await listen((_, response) => response.end("2"));
    const keeping = client({ keepAliveMs: 10_000, mostConnections: 1 });
    for (let i = 0; i < 3; i += 1) assert.equal((await keeping.request(to(first.port))).body, "1");
    assert.equal((await keeping.request(to(second.port))).body, "2");
    assert.deepEqual([first.sockets, second.sockets], [1, 1]);
    const forgetting = client();
    for (let i = 0; i < 2; i += 1) await forgetting.request(to(first.port));
    assert.equal(first.sockets, 3);
  });

  it("are as many as may be, and what is more waits", async () => {
    let most = 0;
    const held: ServerResponse[] = [];
    const { port } = await listen((_, response) => {
      most = Math.max(most, held.push(response));
      if (held.length === 2) for (const each of held.splice(0)) each.end();
    });
    const limited = client({ mostConnections: 2, keepAliveMs: 1000 });
    await Promise.all(Array.from({ length: 10 }, () => limited.request(to(port))));
    assert.equal(most, 2);
  });

  it("hand on method, body and headers, and give those of the answer", async () => {
    const heard: unknown[] = [];
    const { port } = await listen((request, response) => {
      heard.push(request.method, request.url, request.headers["x-asked"], request.headers.host);
      request.pipe(response.setHeader("Set-Cookie", ["a=1", "b=2"]).setHeader("X-Told", "yes"));
    });
    const headers = { "X-Asked": "this", Host: "other.example", Connection: "upgrade" };
    const answer = await client().request(to(port, { method: "PUT", headers, body: Buffer.from("body") }));
    assert.deepEqual(heard, ["PUT", "/path?secret=hidden", "this", `meter.example:${port}`]);
    assert.equal(answer.body, "body");
    assert.equal(answer.headers["x-told"], "yes");
    assert.equal(answer.headers["set-cookie"], "a=1, b=2");
  });

  it("go to no server that cannot prove its name", async () => {
    const { port } = await listen((_, response) => response.end("secret"), SERVER);
    const refused = { code: "AUTHENTICATION_ERROR" };
    await assert.rejects(client().request(to(port, {}, "https")), refused, "an authority that nobody believes");
    const believing = client({ tls: { authorities: AUTHORITY } });
    assert.equal((await believing.request(to(port, {}, "https"))).body, "secret");
    const other = { url: new URL(`https://other.example:${port}/`) };
    await assert.rejects(believing.request(to(port, other)), refused, "a certificate for another name");
    const named = { ...other, tls: { authorities: AUTHORITY, serverName: "meter.example" } };
    assert.equal((await believing.request(to(port, named))).body, "secret");
    await assert.rejects(believing.request(to(port, other)), refused, "what one request believes, another does not");
  });

  it("show the client's certificate", async () => {
    const options = { ...SERVER, ca: AUTHORITY, requestCert: true, rejectUnauthorized: true };
    const { port } = await listen((request, response) => {
      response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN);
    }, options);
    const tls = { authorities: AUTHORITY, ...CLIENT };
    assert.equal((await client({ tls }).request(to(port, {}, "https"))).body, "client");
    await assert.rejects(client({ tls: { authorities: AUTHORITY } }).request(to(port, {}, "https")), {
      message: /on the connection to meter/,
    });
  });

  it("say how they failed without what was said on them", async () => {
    const { port } = await listen((request, response) => {
      if (request.url === "/cut") response.destroy();
      else request.socket.end("HTTP/1.1 200 OK\r\nContent-Length: token\r\n\r\ntop-secret");
    });
    const headers = { authorization: "Bearer top-secret" };
    for (const [path, code] of [
      ["/cut", "SOCKET_CLOSED_BY_REMOTE"],
      ["/garbage?password=top-secret", "ILLEGAL_RESPONSE"],
    ] as const) {
      const url = new URL(`http://user:top-secret@meter.example:${port}${path}`);
      const error = await client()
        .request(to(port, { url, headers }))
        .catch((thrown) => thrown);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, new RegExp(` on the connection to meter\\.example:${port}$`));
      assert.ok(!JSON.stringify({ ...error, cause: error.cause, stack: error.stack }).includes("top-secret"));
    }
    const bad = client().request(to(port, { headers: { authorization: "Bearer top-secret\r\nx: y" } }));
    const error = await bad.catch((thrown) => thrown);
    assert.equal(error.code, "INTERNAL");
    assert.ok(!error.message.includes("top-secret"));
  });

  it("are streamed as long as something comes, and given up when nothing does", async () => {
    const clock = new ManualClock(0);
    const { port } = await listen((_, response) => response.writeHead(200).write("first"));
    const stream = await client({ clock }).stream(to(port), 30_000);
    const chunks = stream.chunks[Symbol.asyncIterator]();
    assert.equal(Buffer.from((await chunks.next()).value).toString(), "first");
    clock.advance(100_000);
    const next = chunks.next();
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(30_000);
    await assert.rejects(next, { code: "COMMUNICATION_TIMEOUT" });
  });

  it("end with the reader of a stream, with its signal, and with a close", async () => {
    let gone = () => {};
    const { port } = await listen((_, response) => {
      response.on("close", () => gone());
      const more = () => response.write("x".repeat(1000), () => !response.destroyed && setImmediate(more));
      more();
    });
    const ended = () =>
      new Promise<void>((resolve) => {
        gone = resolve;
      });
    const aborts = new AbortController();
    const stops: readonly ((stream: { close(): void }) => void)[] = [
      () => {},
      ({ close }) => close(),
      () => aborts.abort(),
    ];
    for (const [i, stop] of stops.entries()) {
      const isGone = ended();
      const stream = await client().stream(to(port, { signal: aborts.signal }), 30_000);
      const read = async () => {
        for await (const chunk of stream.chunks) {
          assert.ok(chunk.byteLength > 0);
          if (i === 0) break;
          stop(stream);
        }
      };
      if (i === 0) await read();
      else await assert.rejects(read(), { code: "CONNECTION_ERROR" });
      await isGone;
    }
  });
});
