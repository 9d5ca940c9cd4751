import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { MetergateError } from "../../../src/domain/errors.ts";
import { toHex } from "../../../src/lib/bytes.ts";
import { ManualClock } from "../../../src/lib/clock.ts";
import { withCode } from "./devices.ts";
import { AUTHENTICATION_KEY, ENCRYPTION_KEY, type ServedMeterOptions, serveMeter } from "./meter-server.ts";
import { beginSession, NAME, SessionFixture, STATUS, type TestSide, TIMEOUTS } from "./session-fixture.ts";

/** A promise that a test waits for and a meter's hook keeps. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

/** Changes the last bit. */
const flip = (apdu: Uint8Array) => apdu.with(-1, apdu.at(-1)! ^ 1);

describe("a session that breaks", () => {
  let test: SessionFixture;
  const begin = async (served?: ServedMeterOptions, side?: TestSide) => {
    test = await beginSession(served, side);
  };
  afterEach(() => test.end());

  it("fails with the address in its text and context, and nothing secret", async () => {
    await begin({ answer: () => "hang up" });
    await assert.rejects(test.readName(), (error) => {
      assert.ok(error instanceof MetergateError);
      assert.equal(error.code, "SOCKET_CLOSED_BY_REMOTE");
      assert.match(error.message, new RegExp(`^Device TEST1024000000001 at 127\\.0\\.0\\.1 port ${test.meter.port}`));
      assert.equal(error.context.device, "TEST1024000000001");
      assert.equal(error.context.useHdlc, false);
      const everything = JSON.stringify([error, error.message, error.context]).toUpperCase();
      for (const key of [ENCRYPTION_KEY, AUTHENTICATION_KEY]) assert.ok(!everything.includes(toHex(key)));
      return true;
    });
  });

  it("sends a command whose answer was lost only once, and nothing after it", async () => {
    await begin({ answer: () => "hang up" });
    for (let i = 0; i < 2; i++) {
      await assert.rejects(test.session.set(STATUS, cosem.enum(2)), withCode("SOCKET_CLOSED_BY_REMOTE"));
    }
    await assert.rejects(test.readName(), withCode("SOCKET_CLOSED_BY_REMOTE"));
    assert.equal(test.meter.requests.length, 1);
    assert.equal(test.meter.connections, 1);
  });

  for (const [title, octets, code] of [
    ["a wrapper of another version", "0007000100010003800100", "WRAPPER_HEADER_INVALID"],
    ["an APDU that is none", "00010001000100037F0100", "ILLEGAL_RESPONSE"],
    ["an answer that nobody asked for", "0001000100010007C401C10009010A", "ILLEGAL_RESPONSE"],
  ] as const) {
    it(`fails with ${code} on ${title}`, async () => {
      const answer = Buffer.from(octets, "hex");
      await begin({ connection: (socket) => Boolean(socket.once("data", () => socket.write(answer))) });
      await assert.rejects(test.session.open(), withCode(code));
    });
  }

  it("fails when an answer was changed on its way", async () => {
    let answers = 0;
    await begin({ hooks: { sealed: (apdu) => (++answers < 3 ? apdu : flip(apdu)) } });
    await test.session.open();
    await assert.rejects(test.readName(), withCode("UNABLE_TO_DECYPHER"));
  });

  it("fails when the meter does not prove that it holds the keys", async () => {
    await begin({ hooks: { plain: (apdu) => (apdu[0] === 0xc7 ? flip(apdu) : apdu) } });
    await assert.rejects(test.session.open(), withCode("AUTHENTICATION_ERROR"));
  });

  it("fails as not authenticated with a wrong password", async () => {
    const side = { device: { security: { lls1Active: true } }, secrets: { LLS_PASSWORD: Buffer.from("wrong") } };
    await begin({ security: "lls" }, side);
    await assert.rejects(test.session.open(), withCode("AUTHENTICATION_ERROR"));
  });

  it("fails where nobody listens", async () => {
    const meter = await serveMeter();
    test = new SessionFixture(meter, {});
    await meter.close();
    await assert.rejects(test.session.open(), withCode("CONNECTION_REFUSED"));
    await begin();
  });

  it("fails when there is no answer in time, counted from the last APDU that went out and not by the wall clock", async () => {
    const clock = new ManualClock(0);
    const asked = gate();
    const answer = () => {
      asked.open();
      return "silence" as const;
    };
    await begin({ answer }, { clock });
    await test.session.open();
    clock.advance(TIMEOUTS.responseTimeoutMs - 1);
    const reading = test.readName();
    await asked.opened;
    clock.advance(TIMEOUTS.responseTimeoutMs - 1);
    const first = await Promise.race([
      reading.catch(() => "failed"),
      new Promise((resolve) => setImmediate(resolve, "waits")),
    ]);
    assert.equal(first, "waits");
    clock.step(-3_600_000);
    clock.advance(1);
    await assert.rejects(reading, withCode("RESPONSE_TIMEOUT"));
  });

  it("fails when an exchange in many parts takes too long in all, though each part comes in time", async () => {
    const clock = new ManualClock(0);
    let parts = 0;
    const slow = (apdu: Uint8Array) => {
      parts++;
      clock.advance(TIMEOUTS.responseTimeoutMs - 1);
      return apdu;
    };
    await begin({ association: { maxReceivePduSize: 128 }, hooks: { sealed: slow } }, { clock });
    const long = cosem.octetString(new Uint8Array(20_000));
    await assert.rejects(test.session.set(NAME, long), withCode("RESPONSE_TIMEOUT", /took too long in all/));
    const longest = TIMEOUTS.responseTimeoutMs + 15 * 60_000;
    assert.ok(clock.elapsed() < longest + 4 * TIMEOUTS.responseTimeoutMs, `${parts} parts`);
    assert.equal(test.meter.connections, 1);
  });

  it("fails when the meter floods us with pushes of its own", async () => {
    const push = Buffer.from("0F0000000100050000002A", "hex");
    await begin({
      connection: (socket) => {
        const header = Buffer.from("0001000100010000", "hex");
        header.writeUInt16BE(push.length, 6);
        socket.once("data", () => socket.write(Buffer.concat(Array<Buffer>(500).fill(Buffer.concat([header, push])))));
        return true;
      },
    });
    await assert.rejects(test.session.open(), withCode("ILLEGAL_RESPONSE", /more than 100 notifications/));
  });

  it("fails when the run is aborted", async () => {
    const abort = new AbortController();
    const answer = () => {
      abort.abort();
      return "silence" as const;
    };
    await begin({ answer }, { signal: abort.signal });
    await assert.rejects(test.readName(), withCode("CONNECTION_ERROR"));
    await assert.rejects(test.readName(), withCode("CONNECTION_ERROR"));
  });

  it("fails before it connects when the record asks for what is not supported", async () => {
    await begin({}, { device: { security: { hls4Active: true } } });
    await assert.rejects(test.session.open(), withCode("UNSUPPORTED_COMMUNICATION_SETTING"));
    assert.equal(test.meter.connections, 0);
  });
});

describe("a session that is over", () => {
  let test: SessionFixture;
  const begin = async (served?: ServedMeterOptions, side?: TestSide) => {
    test = await beginSession(served, side);
    await test.readName();
  };
  afterEach(() => test.end());

  /** A meter that answers the release otherwise; undefined is no answer. */
  const releasing = (answer: () => Uint8Array | undefined): ServedMeterOptions => ({
    hooks: { sealed: (apdu) => (apdu[0] === 0x63 ? answer() : apdu) },
  });

  for (const [title, served] of [
    ["answers the release", {}],
    ["states a wrong length in its answer", releasing(() => Buffer.from("6324800100BE10040E08", "hex"))],
    ["refuses the release", releasing(() => Uint8Array.of(0xd8, 1, 2))],
    ["answers the release with nonsense", releasing(() => Uint8Array.of(0xff))],
  ] as const) {
    it(`closes when the meter ${title}`, async () => {
      await begin(served);
      await test.session.close();
      assert.equal(test.session.failure, undefined);
    });
  }

  it("closes when the meter hangs up on the release", async () => {
    let hangUp = () => {};
    await begin({
      ...releasing(() => {
        hangUp();
        return undefined;
      }),
      connection: (socket) => {
        hangUp = () => socket.destroy();
        return false;
      },
    });
    await test.session.close();
  });

  it("closes soon when the meter says nothing to the release", async () => {
    const clock = new ManualClock(0);
    const released = gate();
    await begin(
      releasing(() => {
        released.open();
        return undefined;
      }),
      { clock },
    );
    const closing = test.session.close();
    await released.opened;
    clock.advance(5000);
    await closing;
  });
});
