import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Duplex } from "node:stream";
import { ManualClock, systemClock } from "../../src/lib/clock.ts";
import { acceptWebSocket } from "../../src/simulators/ekm/web-socket.ts";
import { openWebSocket } from "../../src/transport/web-socket.ts";
import { SERVER } from "./certificates.ts";

type Peer = ReturnType<typeof acceptWebSocket>;

describe("a WebSocket", () => {
  const opened: { server: Server; sockets: Set<Duplex> }[] = [];
  afterEach(async () => {
    for (const { server, sockets } of opened.splice(0)) {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  /** A server that accepts WebSockets; gives its port. */
  async function listen(accepted: (peer: Peer, socket: Duplex) => void, server = createServer()): Promise<number> {
    const sockets = new Set<Duplex>();
    server.on("upgrade", (request, socket) => {
      sockets.add(socket);
      accepted(acceptWebSocket(request, socket), socket);
    });
    opened.push({ server, sockets });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as { port: number }).port;
  }
  const request = (port: number, more = {}) => ({
    url: new URL(`ws://127.0.0.1:${port}/ws/a?b=SECRET`),
    ...{ timeoutMs: 10_000, idleMs: 60_000, signal: new AbortController().signal, ...more },
  });
  const open = openWebSocket(systemClock);
  async function first(messages: AsyncIterable<string>, count: number): Promise<string[]> {
    const taken: string[] = [];
    for await (const message of messages) if (taken.push(message) === count) break;
    return taken;
  }

  it("gives texts as they come, and ends when the reader has enough", async () => {
    let gone = () => {};
    const isGone = new Promise<void>((resolve) => {
      gone = resolve;
    });
    const port = await listen((peer, socket) => {
      for (const text of ["one", "x".repeat(70_000), "three"]) peer.send(text);
      socket.once("close", gone);
    });
    const socket = await open(request(port));
    assert.deepEqual(
      (await first(socket.messages, 3)).map((text) => text.length),
      [3, 70_000, 5],
    );
    socket.close();
    socket.close();
    await isGone;
    await assert.rejects(first(socket.messages, 1), /closed from this end/);
  });

  it("gives what came before the peer cut the connection, and then says so", async () => {
    const port = await listen((peer, socket) => {
      peer.send("whole");
      peer.cut("half of this");
      socket.end();
    });
    const { messages } = await open(request(port));
    assert.deepEqual(await first(messages, 1), ["whole"]);
    await assert.rejects(first(messages, 1), (error: Error) => {
      assert.match(error.message, /127\.0\.0\.1/);
      assert.doesNotMatch(error.message, /SECRET/);
      return true;
    });
  });

  it("ends with a peer whose message has no end, before it has filled the memory", async () => {
    const frame = Buffer.alloc(10 + 65_536, 0x61);
    // A text that is not final, then continuations that are not: RFC 6455, section 5.4.
    const head = (opcode: number) => {
      frame[0] = opcode;
      frame[1] = 127;
      frame.writeBigUInt64BE(65_536n, 2);
      return Buffer.from(frame);
    };
    let sent = 0;
    const port = await listen((_, socket) => {
      socket.write(head(0x01));
      const more = () => {
        if (socket.destroyed || sent > 1000) return;
        sent++;
        socket.write(head(0x00), more);
      };
      more();
    });
    const { messages } = await open(request(port));
    await assert.rejects(first(messages, 1), { code: "ILLEGAL_RESPONSE" });
    assert.ok(sent < 500, String(sent));
  });

  it("ends with a peer that says nothing for too long, and with one that nobody needs any more", async () => {
    const port = await listen(() => {});
    const clock = new ManualClock(0);
    const { messages } = await openWebSocket(clock)(request(port));
    const next = assert.rejects(first(messages, 1), { code: "COMMUNICATION_TIMEOUT" });
    clock.advance(60_000);
    await next;
    const stopping = new AbortController();
    const other = await open(request(port, { signal: stopping.signal }));
    const stopped = assert.rejects(first(other.messages, 1), { code: "CONNECTION_ERROR" });
    stopping.abort();
    await stopped;
    await assert.rejects(open(request(port, { signal: stopping.signal })), { code: "CONNECTION_ERROR" });
  });

  it("does not come about where nobody listens, where something else does, or where the peer cannot prove its name", async () => {
    const gone = createServer();
    const port = await listen(() => {}, gone);
    await new Promise((resolve) => gone.close(resolve));
    opened.splice(0);
    await assert.rejects(open(request(port)), { code: "CONNECTION_REFUSED" });
    const plain = createServer((_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end());
    opened.push({ server: plain, sockets: new Set() });
    await new Promise<void>((resolve) => plain.listen(0, "127.0.0.1", resolve));
    await assert.rejects(open(request((plain.address() as { port: number }).port)), { name: "MetergateError" });
    const secure = await listen(() => {}, createSecureServer(SERVER));
    const url = new URL(`wss://localhost:${secure}/`);
    await assert.rejects(open(request(secure, { url })), { code: "AUTHENTICATION_ERROR" });
  });
});
