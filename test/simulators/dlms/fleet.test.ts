import assert from "node:assert/strict";
import type { GetResult } from "../../../src/dlms/apdu.ts";
import { asElements, asNumber, asOctets, cosem } from "../../../src/dlms/data.ts";
import { InvocationCounter } from "../../../src/dlms/invocation-counter.ts";
import { CipherKeys, wrapKey } from "../../../src/dlms/security.ts";
import { fromHex, toHex } from "../../../src/lib/bytes.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import { SimulatorError } from "../../../src/simulators/dlms/errors.ts";
import { type Fleet, startFleet, startMeter } from "../../../src/simulators/dlms/fleet.ts";
import { TestClient } from "./test-client.ts";

const ADMINISTRATIVE_STATUS = "1/0.1.94.31.0.255/2";
const COUNTER = "1/0.0.43.1.0.255/2";
const OBJECT_LIST = "15/0.0.40.0.0.255/2";
const NEW_KEY = fromHex("F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF");

describe("simulated meters on sockets", () => {
  let fleet: Fleet;
  afterEach(() => fleet.close());

  it("answer a management client with HLS5 and let it change what they hold", async () => {
    fleet = await startFleet([{ profile: "smr5.0.0" }]);
    const [meter] = fleet.meters;
    const client = await TestClient.associate(meter!);
    assert.equal(await client.set(ADMINISTRATIVE_STATUS, cosem.enum(2)), "success");
    assert.deepEqual(await client.get(ADMINISTRATIVE_STATUS), [{ data: cosem.enum(2) }]);
    assert.deepEqual(await client.get("1/1.2.3.4.5.255/2"), [{ error: "object-undefined" }]);
    assert.equal((await client.release()).type, "released");
    client.close();
  });

  it("answer with LLS and ciphering in DSMR 2.2", async () => {
    fleet = await startFleet([{ profile: "dsmr2.2" }]);
    const client = await TestClient.associate(fleet.meters[0]!);
    assert.equal(Buffer.from(dataOctets(await client.get("1/1.0.0.2.0.255/2"))).toString(), "M57 4836");
    client.close();
  });

  it("let the public client read the same objects but change nothing", async () => {
    fleet = await startFleet([{}]);
    const client = await TestClient.associate(fleet.meters[0]!, { security: "none" });
    assert.deepEqual(await client.get(COUNTER), [{ data: cosem.doubleLongUnsigned(12_345) }]);
    assert.equal(await client.set(ADMINISTRATIVE_STATUS, cosem.enum(2)), "read-write-denied");
    assert.equal(await client.invoke("20/0.0.13.0.0.255/1", cosem.integer(0)), "read-write-denied");
    client.close();
  });

  it("let the public client change everything when there is no other client", async () => {
    fleet = await startFleet([{ security: "none" }]);
    const client = await TestClient.associate(fleet.meters[0]!);
    assert.equal(await client.set(ADMINISTRATIVE_STATUS, cosem.enum(2)), "success");
    client.close();
    const management = await TestClient.open(fleet.meters[0]!, { security: "hls5" });
    assert.equal((await management.connect()).type, "failed");
    management.close();
  });

  it("send long values in blocks that fit what they take themselves", async () => {
    fleet = await startFleet([{}]);
    const [meter] = fleet.meters;
    const client = await TestClient.associate(meter!);
    const [list] = await client.get(OBJECT_LIST);
    assert.ok(list && "data" in list);
    assert.equal(asElements(list.data).length, meter!.meter.profile.objects.size);
    client.close();
  });

  for (const form of ["glo", "general-glo", "ded", "general-ded"] as const) {
    it(`answer in the form of the request: ${form}`, async () => {
      fleet = await startFleet([{}]);
      const client = await TestClient.associate(fleet.meters[0]!, { form });
      assert.deepEqual(await client.get(ADMINISTRATIVE_STATUS, COUNTER).then((results) => results.length), 2);
      client.close();
    });
  }

  it("answer the next SNRM after DISC, so that one connection reads the counter and then associates", async () => {
    fleet = await startFleet([{}], { useHdlc: true });
    const meter = fleet.meters[0]!;
    const reading = await TestClient.associate(meter, { useHdlc: true, security: "none" });
    const [counter] = await reading.get("1/0.0.43.1.0.255/2");
    assert.ok(counter && "data" in counter);
    assert.equal((await reading.release()).type, "released");
    const client = reading.anew(meter, { useHdlc: true });
    assert.equal((await client.connect()).type, "associated");
    assert.equal((await client.get("1/0.1.94.31.0.255/2")).length, 1);
    client.close();
  });

  it("show each client its own association", async () => {
    fleet = await startFleet([{}]);
    const shown = async (security: "none" | "hls5") => {
      const client = await TestClient.associate(fleet.meters[0]!, { security });
      const [partners, context, mechanism, list] = await client.get(
        ...[3, 4, 6, 2].map((attribute) => `15/0.0.40.0.0.255/${attribute}`),
      );
      client.close();
      const data = (result: GetResult | undefined) => (result && "data" in result ? result.data : assert.fail());
      const [first] = asElements(data(partners));
      const rights = asElements(data(list)).flatMap((object) => {
        const [, , , access] = asElements(object);
        const [attributes] = asElements(access!);
        return asElements(attributes!).map((attribute) => asNumber(asElements(attribute)[1]!));
      });
      return {
        client: asNumber(first!),
        context: toHex(asOctets(data(context))),
        mechanism: toHex(asOctets(data(mechanism))),
        writes: rights.some((mode) => mode === 3),
      };
    };
    assert.deepEqual(await shown("none"), {
      client: 16,
      context: "60857405080101",
      mechanism: "60857405080200",
      writes: false,
    });
    assert.deepEqual(await shown("hls5"), {
      client: 1,
      context: "60857405080103",
      mechanism: "60857405080205",
      writes: true,
    });
  });

  it("speak HDLC over TCP", async () => {
    fleet = await startFleet([{}], { useHdlc: true });
    const client = await TestClient.associate(fleet.meters[0]!, { useHdlc: true });
    const [list] = await client.get(OBJECT_LIST);
    assert.ok(list && "data" in list);
    assert.equal((await client.release()).type, "released");
    client.close();
  });

  it("are told apart by their logical device behind one port", async () => {
    fleet = await startFleet([{}, {}, {}], { metersPerPort: 3 });
    assert.equal(new Set(fleet.meters.map(({ port }) => port)).size, 1);
    for (const meter of fleet.meters) {
      const client = await TestClient.associate(meter);
      const identification = Buffer.from(dataOctets(await client.get("1/0.0.96.1.0.255/2"))).toString();
      assert.equal(identification, meter.identification);
      client.close();
    }
  });

  it("refuse an invocation counter that was used in an earlier association", async () => {
    fleet = await startFleet([{}]);
    const [meter] = fleet.meters;
    const first = await TestClient.associate(meter!);
    await first.get(COUNTER);
    first.close();
    assert.ok(meter!.meter.expectedInvocationCounter > 12_345);
    const replayed = await TestClient.open(meter!, { counter: new InvocationCounter(12_345) });
    const outcome = await replayed.connect();
    assert.equal(outcome.type, "failed");
    assert.match(String("error" in outcome && outcome.error), /exception-response/);
    replayed.close();
  });

  it("count failed logins of clients that hold other keys", async () => {
    fleet = await startFleet([{}]);
    const [meter] = fleet.meters;
    const stranger = await TestClient.open(meter!, { counter: new InvocationCounter(20_000) });
    meter!.meter.stageKeys({ encryptionUnicast: NEW_KEY });
    meter!.meter.commitKeys();
    assert.equal((await stranger.connect()).type, "failed");
    stranger.close();
    const FAILED_LOGIN_ATTEMPT = 46;
    assert.equal(asNumber(meter!.read(1, parseObis("0.0.96.11.1.255"), 2)), FAILED_LOGIN_ATTEMPT);
  });

  it("go on with new keys after the answer to the key transfer, in this association and the next", async () => {
    fleet = await startFleet([{}]);
    const [meter] = fleet.meters;
    const client = await TestClient.associate(meter!);
    const { master, authentication } = meter!.keys;
    const transfer = (keyId: number, key: Uint8Array) =>
      cosem.array([cosem.structure([cosem.enum(keyId), cosem.octetString(wrapKey(master, key))])]);
    assert.equal(await client.invoke("64/0.0.43.0.0.255/2", transfer(2, NEW_KEY)), "success");
    client.changeKeys(new CipherKeys(meter!.keys.encryptionUnicast, NEW_KEY));
    assert.equal(await client.invoke("64/0.0.43.0.0.255/2", transfer(0, authentication)), "success");
    client.changeKeys(new CipherKeys(authentication, NEW_KEY));
    assert.deepEqual(await client.get(ADMINISTRATIVE_STATUS), [{ data: cosem.enum(0) }]);
    client.close();
    assert.deepEqual(meter!.keys.encryptionUnicast, authentication);
    const next = await TestClient.associate(meter!);
    next.close();
  });

  it("have keys of their own when they are given some", async () => {
    fleet = await startFleet([{ keys: { encryptionUnicast: NEW_KEY } }, {}]);
    const [own, usual] = fleet.meters;
    assert.notDeepEqual(own!.keys.encryptionUnicast, usual!.keys.encryptionUnicast);
    for (const meter of fleet.meters) {
      const client = await TestClient.associate(meter);
      client.close();
    }
  });

  it("start alone on a port of their own", async () => {
    const alone = await startMeter({ profile: "smr5.2" });
    fleet = { meters: [alone.meter], meter: () => alone.meter, close: alone.close };
    const client = await TestClient.associate(alone.meter);
    assert.deepEqual(await client.get("3/1.0.11.35.124.255/2"), [{ data: cosem.longUnsigned(8) }]);
    client.close();
  });

  it("are a thousand in one process", async () => {
    fleet = await startFleet(
      Array.from({ length: 1000 }, () => ({})),
      { metersPerPort: 1000 },
    );
    assert.equal(new Set(fleet.meters.map(({ identification }) => identification)).size, 1000);
    const client = await TestClient.associate(fleet.meter("SIMDM000000000777"));
    const [number] = await client.get("72/0.1.24.1.0.255/6");
    assert.ok(number && "data" in number);
    assert.equal(asNumber(number.data), 12_056_731 + 776);
    client.close();
  });

  it("are refused when their options cannot be, or when asked for by a wrong name", async () => {
    fleet = await startFleet([{}]);
    const refused = (error: unknown) => error instanceof SimulatorError && error.code === "simulator/invalid-option";
    await assert.rejects(startFleet([{ identification: "short" }]), refused);
    await assert.rejects(startFleet([{ logicalDevice: 1 }, { logicalDevice: 1 }], { metersPerPort: 2 }), refused);
    await assert.rejects(startFleet([{}], { metersPerPort: 128, useHdlc: true }), refused);
    assert.throws(() => fleet.meter("SIMDM000000000002"), SimulatorError);
  });
});

function dataOctets(results: Awaited<ReturnType<TestClient["get"]>>): Uint8Array {
  const [result] = results;
  assert.ok(result && "data" in result);
  return asOctets(result.data);
}
