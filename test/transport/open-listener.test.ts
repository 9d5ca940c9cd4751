import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { type ListenerLimits, listenTcp } from "../../src/transport/open-listener.ts";

const LIMITS: ListenerLimits = { connections: 4, connectionsPerSource: 3, idleTimeoutMs: 60_000 };

/** A listener on the loopback network; `from` connects with one of its many addresses, and says hello. */
async function listening(limits = LIMITS) {
  const heard: string[] = [];
  let arrived = () => {};
  const port = await listenTcp("127.0.0.1", 0, limits, (source) => ({
    data: (octets) => {
      heard.push(`${source} ${Buffer.from(octets)}`);
      arrived();
      return true;
    },
    end: () => {},
  }));
  const until = async (wanted: number) => {
    while (heard.length < wanted) await new Promise<void>((resolve) => (arrived = resolve));
  };
  const from = async (source: string) => {
    const socket = connect({ port: port.port, host: "127.0.0.1", localAddress: source });
    socket.on("error", () => {});
    socket.resume();
    const wanted = heard.length + 1;
    socket.write("hello");
    await until(wanted);
    return socket;
  };
  return { port, heard, from, until };
}

describe("a listener that is open to a whole network", () => {
  it("lets a newcomer in when it is full, at the cost of the source with most connections", async () => {
    const { port, heard, from, until } = await listening();
    const alone = await from("127.0.0.9");
    const many = [await from("127.0.0.2"), await from("127.0.0.2"), await from("127.0.0.2")];
    many[0]!.write("again");
    await until(5);
    const closed = once(many[1]!, "close");
    const meter = await from("127.0.0.3");
    await closed;
    assert.equal(heard.at(-1), "127.0.0.3 hello");
    assert.deepEqual(
      [alone, many[0], many[2], meter].map((socket) => socket?.destroyed),
      [false, false, false, false],
    );
    await port.close();
  });

  it("lets a newcomer in when all have one connection, at the cost of the longest silent", async () => {
    const { port, from, until } = await listening();
    const others = [];
    for (const source of ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]) others.push(await from(source));
    others[0]!.write("again");
    await until(5);
    const closed = once(others[1]!, "close");
    await from("127.0.0.6");
    await closed;
    await port.close();
  });

  it("closes connections of one source beyond its own limit, also when there is room", async () => {
    const { port, from } = await listening({ ...LIMITS, connections: 100 });
    for (let i = 0; i < 3; i++) await from("127.0.0.2");
    const fourth = connect({ port: port.port, host: "127.0.0.1", localAddress: "127.0.0.2" });
    fourth.on("error", () => {});
    fourth.resume();
    await once(fourth, "close");
    await port.close();
  });
});
