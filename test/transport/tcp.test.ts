import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { MetergateError } from "../../src/domain/errors.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { connectTcp, type TcpConnection } from "../../src/transport/tcp.ts";

const HOST = "127.0.0.1";
const clock = new ManualClock(0);

async function listen(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onConnection).listen(0, HOST);
  await once(server, "listening");
  return { server, port: (server.address() as { port: number }).port };
}

/** Resolves with the error that ends the connection, and what came before it. */
function untilLost(connection: TcpConnection): Promise<{ error: MetergateError; text: string }> {
  let text = "";
  return new Promise((resolve) =>
    connection.receive({
      data: (octets) => {
        text += Buffer.from(octets).toString("latin1");
      },
      lost: (error) => resolve({ error, text }),
    }),
  );
}

const withCode = (code: string) => (error: unknown) => error instanceof MetergateError && error.code === code;

describe("a TCP connection", () => {
  let server: Server | undefined;
  const serve = async (onConnection: (socket: Socket) => void) => {
    const listening = await listen((socket) => {
      socket.on("error", () => {});
      onConnection(socket);
    });
    server = listening.server;
    return { host: HOST, port: listening.port, timeoutMs: 1000 };
  };
  afterEach(() => {
    server?.close();
    server = undefined;
  });

  it("carries octets both ways", async () => {
    const target = await serve((socket) => socket.pipe(socket));
    const connection = await connectTcp(target, clock);
    const echoed = new Promise<string>((resolve) =>
      connection.receive({ data: (octets) => resolve(Buffer.from(octets).toString()), lost: () => resolve("lost") }),
    );
    connection.write(Buffer.from("meter"));
    assert.equal(await echoed, "meter");
    connection.close();
  });

  it("leaves octets that the receiver keeps as they were when more arrive, and delivers long messages whole", async () => {
    const target = await serve((socket) => socket.pipe(socket));
    const connection = await connectTcp(target, clock);
    const kept: Uint8Array[] = [];
    const length = () => kept.reduce((sum, octets) => sum + octets.length, 0);
    let wanted = { length: 0, resolve: () => {} };
    connection.receive({
      data: (octets) => {
        kept.push(octets);
        if (length() === wanted.length) wanted.resolve();
      },
      lost: () => {},
    });
    const echoed = (octets: Uint8Array) =>
      new Promise<void>((resolve) => {
        wanted = { length: length() + octets.length, resolve };
        connection.write(octets);
      });
    const messages = [1, 2, 3].map((octet) => new Uint8Array(40_000 * (octet - 1) + 5).fill(octet));
    for (const message of messages) await echoed(message);
    assert.ok(Buffer.concat(kept).equals(Buffer.concat(messages)));
    connection.close();
  });

  it("brings each of many connections its own octets, although all are read into the same memory", async () => {
    const target = await serve((socket) => socket.pipe(socket));
    const talk = async (letter: number) => {
      const connection = await connectTcp(target, clock);
      const sent = Buffer.alloc(300_000, letter);
      const chunks: Uint8Array[] = [];
      let length = 0;
      await new Promise<void>((resolve, reject) => {
        connection.receive({
          data(octets) {
            chunks.push(octets);
            length += octets.length;
            if (length === sent.length) resolve();
          },
          lost: reject,
        });
        connection.write(sent);
      });
      connection.close();
      assert.ok(Buffer.concat(chunks).equals(sent));
    };
    await Promise.all(Array.from({ length: 20 }, (_, i) => talk(65 + i)));
  });

  it("delivers what arrived before anybody listened, then tells that the peer closed", async () => {
    const target = await serve((socket) => socket.end("last words"));
    const { error, text } = await untilLost(await connectTcp(target, clock));
    assert.equal(text, "last words");
    assert.equal(error.code, "SOCKET_CLOSED_BY_REMOTE");
    assert.deepEqual(error.context, { host: HOST, port: target.port });
  });

  it("tells a reset apart from an orderly end", async () => {
    const target = await serve((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const connection = await connectTcp(target, clock);
    const lost = untilLost(connection);
    connection.write(Buffer.from("x"));
    assert.equal((await lost).error.code, "CONNECTION_RESET");
  });

  it("says nothing more after it was closed here", async () => {
    const target = await serve((socket) => socket.resume());
    const connection = await connectTcp(target, clock);
    connection.receive({ data: () => assert.fail(), lost: () => assert.fail() });
    const ended = once(server!, "close");
    connection.close();
    server!.close();
    await ended;
  });

  it("is refused where nobody listens", async () => {
    const { port } = await serve(() => {});
    server!.close();
    await once(server!, "close");
    await assert.rejects(connectTcp({ host: HOST, port, timeoutMs: 1000 }, clock), withCode("CONNECTION_REFUSED"));
  });

  for (const [host, port] of [
    ["", 4059],
    ["  ", 4059],
    ["meter.invalid", 4059],
    [HOST, 0],
    [HOST, 65_536],
  ] as const) {
    it(`refuses "${host}" port ${port} as an address`, () =>
      assert.rejects(connectTcp({ host, port, timeoutMs: 1000 }, clock), withCode("INVALID_IP_ADDRESS")));
  }

  it("gives up when the peer does not answer in time", async () => {
    const target = await serve(() => {});
    const manual = new ManualClock(0);
    const attempt = connectTcp({ ...target, timeoutMs: 500 }, manual);
    manual.advance(500);
    await assert.rejects(attempt, withCode("CONNECTION_TIMED_OUT"));
  });

  it("gives up when the run is aborted, before or during the attempt", async () => {
    const target = await serve(() => {});
    await assert.rejects(connectTcp(target, clock, AbortSignal.abort()), withCode("CONNECTION_ERROR"));
    const abort = new AbortController();
    const attempt = connectTcp(target, clock, abort.signal);
    abort.abort();
    await assert.rejects(attempt, withCode("CONNECTION_ERROR"));
  });
});
