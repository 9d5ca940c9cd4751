import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { nextTurn } from "../../../src/lib/clock.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import { withCode } from "./devices.ts";
import type { ServedMeterOptions } from "./meter-server.ts";
import { beginSession, MISSING, NAME, type SessionFixture, STATUS, type TestSide } from "./session-fixture.ts";

const CALENDAR = { classId: 20, logicalName: parseObis("0.0.13.0.0.255"), method: 1 };

describe("a session with a meter", () => {
  let test: SessionFixture;
  const begin = async (served?: ServedMeterOptions, side?: TestSide) => {
    test = await beginSession(served, side);
  };
  afterEach(() => test.end());

  for (const [title, served, device, client] of [
    ["without security, as public client", { security: "none" }, { security: {} }, 16],
    ["with LLS1 and ciphering", { security: "lls" }, { security: { lls1Active: true }, protocol: "DSMR 2.2" }, 1],
    ["with HLS5", {}, {}, 1],
    ["with HLS5 over HDLC", { hdlc: true }, { address: { useHdlc: true } }, 1],
    ["with HLS5 and a challenge of 64 octets", {}, { address: { challengeLength: 64 } }, 1],
    ["octet by octet", { pieceLength: 1 }, {}, 1],
  ] as const) {
    it(`reads, writes and calls ${title}`, async () => {
      await begin(served, { device });
      assert.equal(await test.readName(), "meter 1");
      assert.equal(await test.session.set(STATUS, cosem.enum(2)), "success");
      assert.deepEqual(test.meter.value(1, STATUS.logicalName, 2), cosem.enum(2));
      assert.equal((await test.session.action(CALENDAR, cosem.integer(0))).result, "success");
      assert.deepEqual(test.meter.clients, [client]);
      assert.equal(test.meter.connections, 1);
    });
  }

  it("asks the store for keys and counter together, one round trip for all", async () => {
    await begin();
    const { secrets, counters } = test;
    const getTogether = secrets.getTogether.bind(secrets);
    const reserveKnown = counters.reserveKnown.bind(counters);
    const events: string[] = [];
    secrets.getTogether = async (...asked) => {
      await nextTurn();
      events.push("the keys are there");
      return getTogether(...asked);
    };
    counters.reserveKnown = (...asked) => {
      events.push("the counter is asked for");
      return reserveKnown(...asked);
    };
    assert.equal(await test.readName(), "meter 1");
    assert.deepEqual(events, ["the counter is asked for", "the keys are there"]);
  });

  for (const [logicalDevice, physicalDevice, octets] of [
    [1, undefined, "03"],
    [1, 72, "0291"],
    [200, undefined, "02900001"],
    [200, 72, "02900091"],
  ] as const) {
    it(`addresses logical device ${logicalDevice} of physical device ${physicalDevice} as ${octets} over HDLC`, async () => {
      let first = "";
      const connection: ServedMeterOptions["connection"] = (socket) => {
        socket.prependOnceListener("data", (frame: Buffer) => {
          first = frame.toString("hex").slice(6, 6 + octets.length);
        });
        return false;
      };
      await begin(
        { hdlc: true, connection },
        { device: { address: { useHdlc: true, logicalDevice, physicalDevice } } },
      );
      assert.equal(await test.readName(), "meter 1");
      assert.equal(first, octets);
    });
  }

  it("connects only when it is needed, and once", async () => {
    await begin();
    assert.equal(test.meter.connections, 0);
    await test.session.open();
    await test.readName();
    assert.equal(test.meter.connections, 1);
  });

  it("gets and sets values that take hundreds of APDUs", async () => {
    await begin({ association: { maxReceivePduSize: 128 } });
    const long = cosem.octetString(new Uint8Array(20_000).fill(0x55));
    assert.equal(await test.session.set(NAME, long), "success");
    assert.deepEqual(await test.session.get(NAME), long);
    assert.ok((test.counters.next ?? 0) > 200, `${test.counters.next} counters taken`);
  });

  it("goes on after the meter refused a request as a whole", async () => {
    await begin({
      answer: (request, meter) => (request.type === "set" ? { refuse: [2, 2] } : meter.plainAnswer(request)),
    });
    await assert.rejects(test.session.set(STATUS, cosem.enum(2)), withCode("DEVICE_REFUSED"));
    assert.equal(await test.readName(), "meter 1");
  });

  it("refuses a value that cannot be sent, and goes on", async () => {
    await begin();
    await assert.rejects(test.session.set(STATUS, cosem.enum(256)), withCode("VALIDATION_ERROR"));
    assert.equal(await test.readName(), "meter 1");
    assert.equal(test.meter.requests.length, 1);
  });

  describe("that reads and writes lists", () => {
    const attributes = [NAME, STATUS, MISSING, NAME, STATUS];
    const kinds = async () =>
      (await test.session.getList(attributes)).map((result) => ("data" in result ? result.data.type : result.error));
    const expected = ["octet-string", "enum", "object-undefined", "octet-string", "enum"];
    const lengths = () =>
      test.meter.requests.map((request) => (request.type === "get" ? request.attributes.length : 0));

    for (const [title, served, withListMax, inLists] of [
      ["one by one unless the record allows lists", {}, 1, [1, 1, 1, 1, 1]],
      ["in lists as long as the record allows", {}, 2, [2, 2, 1]],
      [
        "one by one when the meter does not agree to lists",
        { association: { conformance: ["get"] } },
        32,
        [1, 1, 1, 1, 1],
      ],
      [
        "in shorter lists when the meter's APDU does not hold all",
        { association: { maxReceivePduSize: 70 } },
        32,
        [2, 3],
      ],
    ] as const) {
      it(`asks ${title}`, async () => {
        await begin(served, { device: { address: { withListMax } } });
        assert.deepEqual(await kinds(), expected);
        assert.deepEqual(lengths(), inLists);
      });
    }

    it("writes lists and gives one result for each", async () => {
      await begin({}, { device: { address: { withListMax: 32 } } });
      const results = await test.session.setList([
        { attribute: STATUS, value: cosem.enum(2) },
        { attribute: MISSING, value: cosem.enum(2) },
      ]);
      assert.deepEqual(results, ["success", "read-write-denied"]);
      assert.equal(test.meter.requests.length, 1);
    });

    it("names the attribute and the result code when one that is needed cannot be read", async () => {
      await begin({}, { device: { address: { withListMax: 32 } } });
      const text = /\{ 1, 0\.0\.96\.1\.9\.255, 2 \}\. Result: resultCode\(4\), with data: null/;
      await assert.rejects(test.session.getAll(attributes), withCode("ERROR_RETRIEVING_ATTRIBUTE_VALUE", text));
      await assert.rejects(test.session.get(MISSING), withCode("ERROR_RETRIEVING_ATTRIBUTE_VALUE", text));
      assert.equal(test.session.failure, undefined);
    });
  });

  describe("by short names", () => {
    const element = (baseName: number, { classId, logicalName }: typeof NAME) =>
      cosem.structure([
        cosem.long(baseName),
        cosem.longUnsigned(classId),
        cosem.unsigned(0),
        cosem.logicalName(logicalName),
      ]);
    const values = new Map([
      [0xfa08, cosem.array([element(0x1000, NAME), element(0x2000, STATUS)])],
      [0x1008, cosem.visibleString("short")],
      [0x2008, cosem.enum(0)],
    ]);
    const shortNamed: ServedMeterOptions = {
      security: "none",
      association: { referencing: "short-name" },
      answer: (request) => {
        if (request.type === "read") {
          const results = request.variables.map(({ shortName }) => ({ data: values.get(shortName)! }));
          return { type: "read", results };
        }
        if (request.type !== "write") return "hang up";
        for (const [i, { shortName }] of request.variables.entries()) values.set(shortName, request.values[i]!);
        return { type: "write", results: request.variables.map(() => "success" as const) };
      },
    };

    it("reads and writes after one look at the list of names", async () => {
      await begin(shortNamed, { device: { security: {}, address: { useSn: true, withListMax: 8 } } });
      assert.deepEqual(await test.session.getList([MISSING, NAME]), [
        { error: "object-undefined" },
        { data: cosem.visibleString("short") },
      ]);
      assert.equal(await test.session.set(STATUS, cosem.enum(2)), "success");
      assert.equal(await test.session.set(MISSING, cosem.enum(2)), "object-undefined");
      assert.deepEqual(await test.session.get(STATUS), cosem.enum(2));
      assert.equal(test.meter.requests.length, 4);
      await assert.rejects(test.session.action(CALENDAR), withCode("UNSUPPORTED_COMMUNICATION_SETTING"));
    });
  });

  describe("and the invocation counter", () => {
    const SHOWN = [1, "0.0.43.1.0.255", 2] as const;
    const hangUpOn = (...numbers: number[]): ServedMeterOptions => ({
      connection: (socket, number) => numbers.includes(number) && Boolean(socket.end()),
    });

    it("uses no value that was not taken from the store before", async () => {
      const unused: number[] = [];
      await begin(
        {
          hooks: {
            sealed: (apdu) => {
              unused.push((test.counters.next ?? 0) - (40 + 2 + test.meter.requests.length));
              return apdu;
            },
          },
        },
        { counter: 40 },
      );
      for (let i = 0; i < 30; i++) await test.readName();
      assert.ok(unused.length > 30 && Math.min(...unused) >= 0, unused.join());
    });

    it("is asked for over a connection of its own when an SMR meter's is not known", async () => {
      const device = { protocol: "SMR 5.0.0" };
      await begin({ ciphering: { lowestClientCounter: 12_345 } }, { device, counter: null });
      test.meter.put(...SHOWN, cosem.doubleLongUnsigned(12_345));
      assert.equal(await test.readName(), "meter 1");
      assert.deepEqual(test.meter.clients, [16, 1]);
      assert.equal(test.meter.connections, 2);
      assert.deepEqual(test.counters.log, ["lend 12346", "raise 12362"]);
    });

    it("is not asked for with DSMR meters, which keep no count", async () => {
      await begin({}, { device: { protocol: "DSMR 4.2.2" }, counter: null });
      assert.equal(await test.readName(), "meter 1");
      assert.deepEqual(test.meter.clients, [1]);
    });

    for (const [replayAnswer, clients] of [
      ["expected-counter", [1]],
      ["deciphering-error", [16, 1]],
    ] as const) {
      it(`is put right, once, when it is too low and the meter says ${replayAnswer}`, async () => {
        await begin({ ciphering: { lowestClientCounter: 5000, replayAnswer } }, { counter: 7 });
        test.meter.put(...SHOWN, cosem.doubleLongUnsigned(5000));
        assert.equal(await test.readName(), "meter 1");
        assert.deepEqual(test.meter.clients, clients);
      });
    }

    it("is put right when the meter hangs up on a counter that is too low", async () => {
      await begin(hangUpOn(1), { counter: 7 });
      test.meter.put(...SHOWN, cosem.doubleLongUnsigned(5000));
      assert.equal(await test.readName(), "meter 1");
      assert.deepEqual(test.meter.clients, [16, 1]);
      assert.deepEqual(test.counters.log, ["reserve 16", "lend 5001", "raise 5017"]);
    });

    for (const [title, security] of [
      ["does not have the object that shows it", "none"],
      ["does not let the public client in", "lls"],
    ] as const) {
      it(`begins at 0 when it is not known and the meter ${title}`, async () => {
        const publicClient = security === "none" ? {} : { publicSecurity: security };
        await begin(publicClient, { counter: null });
        assert.equal(await test.readName(), "meter 1");
        assert.deepEqual(test.counters.log, ["reserve 16"]);
      });
    }

    for (const ahead of [1, 15, 16, 17, 2 ** 20]) {
      it(`is put right when the meter says that it is ${ahead} ahead of what was sent`, async () => {
        const lowest = 7 + ahead;
        await begin({ ciphering: { lowestClientCounter: lowest, replayAnswer: "expected-counter" } }, { counter: 7 });
        assert.equal(await test.readName(), "meter 1");
        assert.deepEqual(test.meter.clients, [1]);
        assert.ok((test.counters.next ?? 0) > lowest);
      });
    }

    const plainException = (counter: string): ServedMeterOptions["connection"] => {
      const octets = Buffer.from(`0001000100010007D80106${counter}`, "hex");
      return (socket) => Boolean(socket.once("data", () => socket.write(octets)));
    };

    it("stays as it is when a peer without keys says that it is at its end, and the text says what to do", async () => {
      await begin({ connection: plainException("FFFFFFFF") }, { counter: 40 });
      const text =
        /exception-response.*the meter tells the invocation counter 4294967295, ours was 40: .*metergate devices counter TEST1024000000001 --raise 4294967295$/;
      await assert.rejects(test.session.open(), withCode("CONNECTION_ESTABLISH_ERROR", text));
      assert.deepEqual(test.counters.log, ["reserve 16"]);
      assert.equal(test.meter.connections, 1);
    });

    it("is tried once and not kept when a peer without keys says that it is ahead", async () => {
      await begin({ connection: plainException("00010000") }, { counter: 40 });
      await assert.rejects(test.session.open(), withCode("CONNECTION_ESTABLISH_ERROR"));
      assert.deepEqual(test.counters.log, ["reserve 16", "lend 65536"]);
      assert.equal(test.counters.next, 56);
      assert.equal(test.meter.connections, 2);
    });

    it("is not kept when the public client is shown one and the meter does not prove its keys then", async () => {
      await begin(
        { hooks: { plain: (apdu) => (apdu[0] === 0xc7 ? apdu.with(-1, apdu.at(-1)! ^ 1) : apdu) } },
        { counter: null },
      );
      test.meter.put(...SHOWN, cosem.doubleLongUnsigned(4_000_000_000));
      await assert.rejects(test.session.open(), withCode("AUTHENTICATION_ERROR"));
      assert.equal(test.counters.next, null);
      assert.deepEqual(test.counters.log, ["lend 4000000001"]);
    });

    for (const ours of [100, 100_000]) {
      it(`is not blamed nor lowered when the meter's is behind ${ours}: the first refusal stays, with both`, async () => {
        await begin(hangUpOn(1, 3), { counter: ours });
        test.meter.put(...SHOWN, cosem.doubleLongUnsigned(90));
        const text = new RegExp(`tells the invocation counter 91, ours was ${ours}$`);
        await assert.rejects(test.session.open(), withCode("SOCKET_CLOSED_BY_REMOTE", text));
        assert.equal(test.meter.connections, 2);
        assert.ok((test.counters.next ?? 0) >= ours);
      });
    }

    it("does not hide the first refusal when the meter cannot be asked for it", async () => {
      await begin(hangUpOn(1, 2), { counter: 100 });
      await assert.rejects(test.session.open(), withCode("SOCKET_CLOSED_BY_REMOTE"));
      assert.equal(test.meter.connections, 2);
      assert.deepEqual(test.counters.log, ["reserve 16"]);
    });
  });
});
