import assert from "node:assert/strict";
import { asNumber, cosem } from "../../../src/dlms/data.ts";
import type { DlmsError } from "../../../src/dlms/errors.ts";
import { InvocationCounter } from "../../../src/dlms/invocation-counter.ts";
import { fromHex, toHex } from "../../../src/lib/bytes.ts";
import { ManualClock } from "../../../src/lib/clock.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import * as behaviours from "../../../src/simulators/dlms/behaviours.ts";
import { type Fleet, startFleet } from "../../../src/simulators/dlms/fleet.ts";
import * as hostile from "../../../src/simulators/dlms/hostile-behaviours.ts";
import type { SimulatedMeter } from "../../../src/simulators/dlms/simulated-meter.ts";
import { attributeOf, type Outcome, TestClient, type TestClientOptions } from "./test-client.ts";

const STATUS = "1/0.1.94.31.0.255/2";
const ON = cosem.enum(2);
const OFF = cosem.enum(1);

const codeOf = (outcome: Outcome) => ("error" in outcome ? (outcome.error as DlmsError).code : outcome.type);

describe("the behaviours of a simulated meter", () => {
  let fleet: Fleet;
  let meter: SimulatedMeter;
  let clock: ManualClock;
  const clients: TestClient[] = [];

  beforeEach(async () => {
    clock = new ManualClock(Date.UTC(2026, 0, 15));
    fleet = await startFleet([{ clock }]);
    meter = fleet.meters[0]!;
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await fleet.close();
  });

  async function open(options?: TestClientOptions): Promise<TestClient> {
    const client = await TestClient.open(meter, options);
    clients.push(client);
    return client;
  }

  async function associate(options?: TestClientOptions): Promise<TestClient> {
    const client = await TestClient.associate(meter, options);
    clients.push(client);
    return client;
  }

  const isOn = () => asNumber(meter.read(1, parseObis("0.1.94.31.0.255"), 2)) === 2;
  const setStatus = (client: TestClient, value = ON) =>
    client.request({ type: "set", attributes: [attributeOf(STATUS)], values: [value] });
  const getStatus = (client: TestClient) => client.request({ type: "get", attributes: [attributeOf(STATUS)] });

  /** Has all that is under way on loopback arrive: another client's answer comes after it. */
  const settle = async () => {
    const other = await associate({ security: "none" });
    await getStatus(other);
  };

  it("late: the effect comes at once, the answer later", async () => {
    const client = await associate();
    const late = behaviours.late(5000);
    meter.behaviours.add(late);
    const outcome = watch(setStatus(client));
    await until(isOn);
    meter.behaviours.remove(late);
    await settle();
    assert.equal(outcome.type(), undefined);
    clock.advance(5000);
    await until(() => outcome.type() === "response");
  });

  it("slow-accept: a new connection is served later, in the order of its APDUs", async () => {
    const slow = behaviours.slowAccept(5000);
    meter.behaviours.add(slow);
    const client = await open();
    const outcome = watch(client.connect());
    await until(() => meter.meter.openConnections === 1);
    meter.behaviours.remove(slow);
    await settle();
    assert.equal(outcome.type(), undefined);
    clock.advance(5000);
    await until(() => outcome.type() === "associated");
  });

  it("silent: does as it is told but does not answer", async () => {
    const client = await associate();
    meter.behaviours.add(behaviours.silent(3));
    const outcome = watch(setStatus(client));
    await until(isOn);
    await settle();
    assert.equal(outcome.type(), undefined);
  });

  it("deaf: does nothing and does not answer", async () => {
    const client = await associate();
    meter.behaviours.add(behaviours.deaf(3));
    const outcome = watch(setStatus(client));
    await settle();
    assert.equal(outcome.type(), undefined);
    assert.equal(isOn(), false);
  });

  it("refused-attribute: names a result for one attribute and answers the others", async () => {
    const client = await associate();
    meter.behaviours.add(behaviours.refusedAttribute(attributeOf(STATUS), "hardware-fault"));
    assert.deepEqual(await client.get(STATUS), [{ error: "hardware-fault" }]);
    assert.equal(await client.set(STATUS, ON), "hardware-fault");
    assert.equal(isOn(), false);
    assert.ok("data" in (await client.get("1/1.0.0.2.0.255/2"))[0]!);
  });

  it("refused-method: a number of times", async () => {
    const client = await associate();
    const { classId, logicalName } = attributeOf("20/0.0.13.0.0.255/1");
    meter.behaviours.add(behaviours.refusedMethod({ classId, logicalName, method: 1 }, "temporary-failure", 2));
    const results = [];
    for (let i = 0; i < 3; i++) results.push(await client.invoke("20/0.0.13.0.0.255/1", cosem.integer(0)));
    assert.deepEqual(results, ["temporary-failure", "temporary-failure", "success"]);
  });

  it("the newest of two that disagree wins", async () => {
    const client = await associate();
    const newest = behaviours.refusedAttribute(attributeOf(STATUS), "temporary-failure");
    meter.behaviours.add(behaviours.refusedAttribute(attributeOf(STATUS), "hardware-fault"), newest);
    assert.deepEqual(await client.get(STATUS), [{ error: "temporary-failure" }]);
    meter.behaviours.remove(newest);
    assert.deepEqual(await client.get(STATUS), [{ error: "hardware-fault" }]);
  });

  for (const [when, effect, outcome] of [
    ["before-effect", false, "lost"],
    ["after-effect", true, "lost"],
    ["after-answer", true, "response"],
  ] as const) {
    it(`cut-connection ${when}: the effect is ${effect ? "" : "not "}there, the client has ${outcome}`, async () => {
      const client = await associate();
      meter.behaviours.add(behaviours.cutConnection(3, when));
      assert.equal((await setStatus(client)).type, outcome);
      assert.equal(isOn(), effect);
      if (when === "after-answer") assert.ok(await isCut(client));
    });
  }

  /** Whether the connection is gone, whatever a further request makes of that. */
  async function isCut(client: TestClient): Promise<boolean> {
    return (await getStatus(client)).type === "lost";
  }

  it("wrong-tag: the client cannot verify an answer", async () => {
    const client = await associate();
    meter.behaviours.add(behaviours.wrongTag());
    assert.equal(codeOf(await getStatus(client)), "security/tag");
  });

  it("replayed-counter: the client refuses the second answer", async () => {
    const client = await associate();
    meter.behaviours.add(behaviours.replayedCounter(100));
    assert.equal(codeOf(await getStatus(client)), "response");
    assert.equal(codeOf(await getStatus(client)), "security/counter");
  });

  it("truncated: the client cannot read an answer", async () => {
    const client = await associate();
    meter.behaviours.add(behaviours.truncated(3));
    assert.match(codeOf(await getStatus(client)), /^(remote|security)\//);
  });

  it("nonsense: the client deciphers what it cannot decode", async () => {
    const client = await associate();
    meter.behaviours.add(behaviours.nonsense());
    assert.match(codeOf(await getStatus(client)), /^remote\//);
  });

  it("in-pieces: single octets make the same answers", async () => {
    meter.behaviours.add(behaviours.inPieces(1));
    const client = await associate();
    assert.equal((await getStatus(client)).type, "response");
  });

  it("small-pdu: longer answers come in blocks, and longer requests are sent in blocks", async () => {
    meter.behaviours.add(behaviours.smallPdu(128));
    const client = await associate({ form: "general-glo" });
    const days = cosem.array(
      Array.from({ length: 30 }, (_, i) =>
        cosem.structure([cosem.longUnsigned(i), cosem.octetString(fromHex("FFFF0C19FF")), cosem.unsigned(1)]),
      ),
    );
    assert.equal(await client.set("11/0.0.11.0.0.255/2", days), "success");
    assert.deepEqual(await client.get("11/0.0.11.0.0.255/2"), [{ data: days }]);
  });

  it("accepts-any-counter: a counter from an earlier association will do", async () => {
    meter.behaviours.add(behaviours.acceptsAnyCounter());
    for (let i = 0; i < 2; i++) {
      const client = await associate({ counter: new InvocationCounter(5) });
      assert.equal((await getStatus(client)).type, "response");
    }
  });

  it("restarts-counter: the meter's counter begins at 0 with each association", async () => {
    meter.behaviours.add(behaviours.restartsCounter());
    for (let i = 0; i < 2; i++) await associate();
    assert.equal(meter.meter.invocationCounter.peek(), 0);
  });

  for (const [answer, message] of [
    ["expected-counter", /exception-response 1 6/],
    ["deciphering-error", /exception-response 2 5/],
  ] as const) {
    it(`low-counter: says ${answer}`, async () => {
      meter.behaviours.add(behaviours.lowCounter(answer));
      const client = await open({ counter: new InvocationCounter(7) });
      const outcome = await client.connect();
      assert.match("error" in outcome ? String(outcome.error) : "", message);
    });
  }

  it("low-counter: rejects an association, or hangs up, and takes the counter that it shows", async () => {
    for (const [answer, code] of [
      ["rejection", "remote/association-rejected"],
      ["cut", "lost"],
    ] as const) {
      meter.behaviours.add(behaviours.lowCounter(answer));
      const client = await open({ counter: new InvocationCounter(7) });
      assert.equal(codeOf(await client.connect()), code);
      await associate();
    }
  });

  it("wrong-release-length: the work is done whatever the answer to the release looks like", async () => {
    meter.behaviours.add(behaviours.wrongReleaseLength());
    for (const security of ["hls5", "none"] as const) {
      const client = await associate({ security });
      assert.equal((await client.release()).type, "released");
    }
  });

  it("wrong-release-length: leaves four octets out of the length, ciphered or plain", () => {
    const { answer } = behaviours.wrongReleaseLength();
    for (const [client, header, length] of [
      [1, "6324800100BE230421281F30", 42],
      [16, "6311800100BE10040E080006", 23],
    ] as const) {
      const exchange = { meter: meter.meter, client, request: fromHex("6203800100"), number: 4 };
      const changed = answer?.(fromHex("6303800100"), exchange);
      assert.ok(typeof changed === "object");
      assert.equal(toHex(changed.answer.subarray(0, 12)), header);
      assert.equal(changed.answer.length, length);
    }
  });

  it("exception-on-release: answers the release with an exception-response", async () => {
    meter.behaviours.add(behaviours.exceptionOnRelease());
    const client = await associate();
    assert.equal((await client.release()).type, "released");
  });

  it("closes-on-release: hangs up", async () => {
    meter.behaviours.add(behaviours.closesOnRelease());
    const client = await associate();
    assert.equal((await client.release()).type, "lost");
  });

  it("one-client-at-a-time: hangs up on the second client until the first one is gone", async () => {
    meter.behaviours.add(behaviours.oneClientAtATime());
    const first = await associate();
    const second = await open();
    assert.equal((await second.connect()).type, "lost");
    first.close();
    await until(() => meter.meter.openConnections === 0);
    await associate();
  });

  it("stays-associated: serves nobody after a client has gone without release", async () => {
    meter.behaviours.add(behaviours.staysAssociated(60_000));
    const first = await associate();
    await first.release();
    first.close();
    await until(() => meter.meter.openConnections === 0);
    const second = await associate();
    second.close();
    await until(() => meter.meter.openConnections === 0);
    assert.equal((await (await open()).connect()).type, "lost");
    clock.advance(60_000);
    await associate();
  });

  it("action-without-return-octet: an answer that ends early is understood", async () => {
    const client = await associate();
    meter.behaviours.add(
      behaviours.actionWithoutReturnOctet(),
      behaviours.refusedMethod({ ...attributeOf("20/0.0.13.0.0.255/1"), method: 1 }, "other-reason"),
    );
    assert.equal(await client.invoke("20/0.0.13.0.0.255/1", cosem.integer(0)), "other-reason");
  });

  it("denies-unknown-objects: says read-write-denied where others say object-undefined", async () => {
    const client = await associate();
    meter.behaviours.add(behaviours.deniesUnknownObjects());
    assert.deepEqual(await client.get("1/1.2.3.4.5.255/2"), [{ error: "read-write-denied" }]);
    assert.equal((await getStatus(client)).type, "response");
  });

  it("short-challenges-only: rejects a challenge of 64 octets and takes one of 16", async () => {
    meter.behaviours.add(behaviours.shortChallengesOnly());
    const client = await open({ challenge: new Uint8Array(64) });
    assert.equal(codeOf(await client.connect()), "remote/association-rejected");
    await associate({ challenge: new Uint8Array(16) });
  });

  it("names-protocol-version: an AARE with protocol-version is accepted", async () => {
    meter.behaviours.add(behaviours.namesProtocolVersion());
    const client = await associate();
    assert.equal((await setStatus(client, OFF)).type, "response");
  });

  it("grants-only: has no answer to a long GET without block transfer, and a client asks for nothing more", async () => {
    meter.behaviours.add(hostile.grantsOnly("get"));
    const client = await associate();
    assert.equal((await getStatus(client)).type, "response");
    const [list] = await client.get("15/0.0.40.0.0.255/2");
    assert.ok(list && "error" in list, JSON.stringify(list));
    await assert.rejects(setStatus(client), (error) => (error as DlmsError).code === "local/not-negotiated");
  });

  it("initiate-error: is named in the client's words", async () => {
    meter.behaviours.add(hostile.initiateError(2));
    const outcome = await (await open()).connect();
    assert.equal(codeOf(outcome), "remote/association-rejected");
    assert.match("error" in outcome ? String(outcome.error) : "", /initiate-error, initiate incompatible-conformance/);
  });

  it("other-context: is told as that", async () => {
    meter.behaviours.add(hostile.otherContext());
    assert.equal(codeOf(await (await open()).connect()), "remote/application-context");
  });

  it("lies-about-counter: needs no key to name a counter", async () => {
    meter.behaviours.add(hostile.liesAboutCounter());
    const outcome = await (await open()).connect();
    assert.equal(codeOf(outcome), "remote/exception-response");
    const { error } = outcome as { error: DlmsError };
    assert.equal(error.context.expectedInvocationCounter, 0xffff_ffff);
  });

  it("floods: with more pushes than the client bears it loses the association", async () => {
    const client = await associate({ maxNotifications: 100 });
    meter.behaviours.add(hostile.floods(101));
    assert.equal(codeOf(await getStatus(client)), "remote/too-many");
  });

  for (const octets of [0, 1]) {
    it(`endless-blocks: of ${octets} octets come to the client's bound`, async () => {
      const client = await associate({ maxBlocks: 500 });
      meter.behaviours.add(hostile.endlessBlocks(octets));
      assert.equal(codeOf(await getStatus(client)), "remote/too-many");
    });
  }
});

/** What came of a call so far. */
function watch(outcome: Promise<Outcome>): { type(): string | undefined } {
  let type: string | undefined;
  outcome.then((settled) => {
    type = settled.type;
  });
  return { type: () => type };
}

/** Resolves when the condition holds, looking whenever the event loop has nothing better to do. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
