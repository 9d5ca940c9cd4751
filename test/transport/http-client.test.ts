import assert from "node:assert/strict";
import { ManualClock, systemClock } from "../../src/lib/clock.ts";
import { HttpClient, type HttpClientParts } from "../../src/transport/http-client.ts";
import { isKnownUnsent } from "../../src/transport/http-errors.ts";
import { isPublicAddress } from "../../src/transport/ip-address.ts";
import { Target } from "../notifications/target.ts";

const NOTHING_MAY_BE_SENT = { code: "UNAUTHORIZED" };

describe("an HTTP client that goes only where it may", () => {
  let target: Target;
  beforeEach(async () => {
    target = await Target.open();
  });
  afterEach(() => target.close());

  const post = (url: string, isAllowed: (address: string) => boolean, parts: Partial<HttpClientParts> = {}) =>
    new HttpClient({ clock: systemClock, ...parts }).request({
      ...{ method: "POST", url: new URL(url), headers: { "content-type": "text/xml" }, body: "<hello/>" },
      ...{ isAllowed, timeoutMs: 60_000 },
    });
  const onLoopback = (address: string) => address === "127.0.0.1";

  it("posts, and gives status and body of the answer whatever they are", async () => {
    target.answer = (_, response) => response.writeHead(418).end("tea");
    const { status, body } = await post(target.url, onLoopback);
    assert.deepEqual({ status, body }, { status: 418, body: "tea" });
    assert.deepEqual(target.messages, ["<hello/>"]);
  });

  it("connects to no address that is not public, in whatever spelling", async () => {
    const hosts = ["127.0.0.1", "127.1", "0x7f000001", "2130706433", "0", "[::1]", "[::]", "[::ffff:127.0.0.1]"];
    for (const host of [...hosts, "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]"]) {
      await assert.rejects(post(`http://${host}:${target.port}/`, isPublicAddress), NOTHING_MAY_BE_SENT, host);
    }
    assert.equal(target.connections, 0);
  });

  it("judges the addresses that a name has: a name that leads to a private one leads nowhere", async () => {
    for (const addresses of [["127.0.0.1"], ["::ffff:127.0.0.1"], ["10.0.0.1", "::1"], ["169.254.169.254"], []]) {
      const answer = post(`http://erp.example:${target.port}/`, isPublicAddress, { resolve: async () => addresses });
      await assert.rejects(answer, NOTHING_MAY_BE_SENT, addresses.join());
    }
    assert.equal(target.connections, 0);
  });

  it("resolves a name once: what it means a moment later changes nothing (DNS rebinding)", async () => {
    // The first answer may be connected to and is another machine's loopback address, where nobody listens.
    const answers = [["127.0.0.9"], ["127.0.0.1"]];
    let asked = 0;
    const resolve = async () => answers[asked++]!;
    const answer = post(`http://erp.example:${target.port}/`, (address) => address === "127.0.0.9", { resolve });
    await assert.rejects(answer, (error: Error) => isKnownUnsent(error) && /ECONNREFUSED/.test(error.message));
    assert.equal(asked, 1);
    assert.equal(target.connections, 0);
  });

  it("passes over the addresses that it may not connect to, and tries the next where nobody listens", async () => {
    const resolve = async () => ["127.0.0.8", "127.0.0.9", "::ffff:127.0.0.1"];
    const answer = await post(`http://erp.example:${target.port}/`, (address) => address !== "127.0.0.8", { resolve });
    assert.equal(answer.status, 200);
  });

  it("follows no redirect", async () => {
    const elsewhere = await Target.open();
    target.answer = (_, response) => response.writeHead(307, { location: elsewhere.url }).end();
    assert.equal((await post(target.url, onLoopback)).status, 307);
    assert.equal(elsewhere.connections, 0);
    await elsewhere.close();
  });

  it("reads no more of an answer than a few kilobytes", async () => {
    target.answer = (_, response) => {
      response.writeHead(200);
      const more = () => response.write("x".repeat(10_000), () => !response.destroyed && more());
      more();
    };
    await assert.rejects(post(target.url, onLoopback), { code: "ILLEGAL_RESPONSE" });
  });

  for (const [where, stuck] of [
    ["that does not answer", "answer"],
    ["whose name is not resolved", "name"],
  ] as const) {
    it(`gives a host up ${where}`, async () => {
      const clock = new ManualClock(0);
      let isStuck = () => {};
      const waiting = new Promise<void>((resolve) => {
        isStuck = resolve;
      });
      target.answer = () => isStuck();
      const resolve = () => {
        if (stuck === "answer") return Promise.resolve(["127.0.0.1"]);
        isStuck();
        return new Promise<never>(() => {});
      };
      const answer = post(`http://erp.example:${target.port}/`, onLoopback, { clock, resolve });
      const ended = assert.rejects(answer, { code: "COMMUNICATION_TIMEOUT" });
      await waiting;
      clock.advance(60_000);
      await ended;
    });
  }

  it("says what the system says of a connection that fails", async () => {
    const { port } = target;
    await target.close();
    await assert.rejects(post(`http://127.0.0.1:${port}/`, onLoopback), {
      code: "CONNECTION_REFUSED",
      message: `ECONNREFUSED on the connection to 127.0.0.1:${port}`,
    });
    target = await Target.open();
  });
});
