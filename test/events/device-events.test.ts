import assert from "node:assert/strict";
import { decodePush, type PushTransport } from "../../src/adapters/dlms/pushes/decode.ts";
import { DeviceEvents } from "../../src/events/device-events.ts";
import { concatBytes, fromHex } from "../../src/lib/bytes.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { openTemporaryStore, type TemporaryStore } from "../store/temporary-store.ts";

const KNOWN = "EXXXX123456789012";

const push = (device: string, register = "00000001") =>
  concatBytes(new Uint8Array(Buffer.from(`${device},`, "ascii")), fromHex(register));
const unknown = (i: number) => `EUNKN${String(i).padStart(12, "0")}`;

describe("what devices push", () => {
  let store: TemporaryStore;
  let events: DeviceEvents;
  const clock = new ManualClock(1_000);
  const logger = { info: () => {}, warn: () => {} };
  const receive = async (message: Uint8Array, transport: PushTransport, source: string) => {
    const { trigger, ...told } = decodePush(message, transport);
    return events.receive({ ...told, kind: trigger, message, source });
  };

  beforeEach(async () => {
    store = await openTemporaryStore(clock);
    events = new DeviceEvents({
      pushes: store.pushes,
      messageLog: new MessageLog(store.messageLog, clock),
      ownerOf: async (device) => (device === KNOWN ? "Utility" : undefined),
      clock,
      random: systemRandom,
      logger,
    });
  });
  afterEach(() => store.close());

  const logged = () => store.messageLog.read(0, 100);

  it("is kept and logged for the owner, with what is not known about it in words", async () => {
    const stored = await receive(push(KNOWN, "00002020"), "tcp", "192.0.2.1");
    assert.deepEqual(stored?.alarms, ["FRAUD_ATTEMPT"]);
    assert.match(stored.description, /FRAUD_ATTEMPT, unknown bit 5 of alarm register 1$/);
    assert.equal((await logged()).length, 1);
    assert.deepEqual(await store.pushes.listUnknown(10), []);
  });

  it("is counted by source and device when the device is unknown, and is no evidence", async () => {
    for (const source of ["192.0.2.1", "192.0.2.1", "192.0.2.2"]) {
      clock.advance(10);
      assert.equal(await receive(push(unknown(1)), "tcp", source), undefined);
    }
    const found = await store.pushes.listUnknown(10);
    assert.deepEqual(
      found.map(({ source, device, pushes, firstMs, lastMs }) => [source, device, pushes, lastMs - firstMs]),
      [
        ["192.0.2.2", unknown(1), 1, 0],
        ["192.0.2.1", unknown(1), 2, 10],
      ],
    );
    assert.match(found[0]!.description, /CLOCK_INVALID/);
    assert.deepEqual(await logged(), []);
  });

  it("takes a few rows however many names a source makes up, and a thousand in all", async () => {
    const names = Array.from({ length: 20 }, (_, i) => unknown(i));
    for (const name of names) await receive(push(name), "tcp", "2001:db8::1");
    await receive(push(unknown(0)), "tcp", "2001:db8::2");
    const rows = await store.pushes.listUnknown(100);
    assert.equal(rows.length, 9);
    assert.deepEqual(
      rows
        .filter(({ device }) => device === "" || device === unknown(0))
        .map(({ pushes }) => pushes)
        .sort(),
      [12, 2],
    );
    const sources = Array.from({ length: 1_100 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    clock.advance(1);
    await Promise.all(sources.map((source) => receive(push(unknown(1)), "tcp", source)));
    const all = await store.pushes.listUnknown(2_000);
    assert.equal(all.length, 1_000);
    assert.ok(all.every(({ source }) => source.startsWith("10.0.")));
  });
});
