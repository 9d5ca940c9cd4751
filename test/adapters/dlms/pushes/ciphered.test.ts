import assert from "node:assert/strict";
import { PushSenders } from "../../../../src/adapters/dlms/pushes/senders.ts";
import { handlePush } from "../../../../src/adapters/dlms/pushes/task.ts";
import { Inventory } from "../../../../src/devices/inventory.ts";
import {
  CipherKeys,
  cosem,
  encodeApdu,
  encodeWrapperFrame,
  SECURITY_CONTROL,
  type SecurityControl,
} from "../../../../src/dlms/index.ts";
import type { DeviceEvent } from "../../../../src/domain/device-event.ts";
import { DeviceEvents } from "../../../../src/events/device-events.ts";
import { fromHex, toHex } from "../../../../src/lib/bytes.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import { systemRandom } from "../../../../src/lib/random.ts";
import { MessageLog } from "../../../../src/message-log/message-log.ts";
import { encodePush } from "../../../../src/simulators/dlms/push.ts";
import type { StoredPush } from "../../../../src/store/pushes.ts";
import { METER, meterEntry, ORGANISATIONS, openParts, type Parts } from "../../../devices/parts.ts";
import { meterUnderTest } from "../../../simulators/dlms/test-meter.ts";

const UNICAST = "000102030405060708090A0B0C0D0E0F";
const AUTHENTICATION = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
const KEYS = new CipherKeys(fromHex(UNICAST), fromHex(AUTHENTICATION));
const TITLE = "4D47540000000001";
const ALARM = { format: "smr5", trigger: parseObis("0.0.16.1.0.255"), alarmRegisters: [1, 0] } as const;
const SOURCE = "192.0.2.1";

describe("a ciphered push", () => {
  let parts: Parts;
  let receive: (message: Uint8Array) => Promise<StoredPush | undefined>;

  beforeEach(async () => {
    parts = await openParts();
    const { store, vault, clock } = parts;
    const inventory = new Inventory(store.devices, clock);
    const logger = { info: () => {}, warn: () => {}, error: () => {} };
    const events = new DeviceEvents({
      pushes: store.pushes,
      messageLog: new MessageLog(store.messageLog, clock),
      ownerOf: (device) => inventory.ownerOf(device),
      ...{ clock, random: systemRandom, logger },
    });
    const senders = new PushSenders(inventory, vault);
    receive = async (message) => {
      let stored: StoredPush | undefined;
      const tell = async (event: DeviceEvent) => {
        stored = await events.receive(event);
      };
      await handlePush(message, "tcp", SOURCE, { senders, logger, tell, refuse: (event) => events.refuse(event) });
      return stored;
    };
  });
  afterEach(() => parts.close());

  async function register(more: Record<string, unknown>): Promise<void> {
    const keys = { E_METER_ENCRYPTION_KEY_UNICAST: UNICAST, E_METER_AUTHENTICATION_KEY: AUTHENTICATION };
    await parts.load({ organisations: ORGANISATIONS, devices: [meterEntry({ keys, ...more })] });
  }

  const plain = (device = METER) =>
    encodeApdu({
      type: "data-notification",
      longInvokeIdAndPriority: 0,
      dateTime: new Uint8Array(0),
      body: cosem.structure([
        cosem.octetString(Buffer.from(device)),
        cosem.logicalName(ALARM.trigger),
        ...ALARM.alarmRegisters.map(cosem.doubleLongUnsigned),
      ]),
    });
  const framed = (apdu: Uint8Array) => encodeWrapperFrame({ source: 1, destination: 0x40, apdu });
  function ciphered(counter: number, control: SecurityControl, { device = METER, title = TITLE, keys = KEYS } = {}) {
    const systemTitle = fromHex(title);
    const payload = keys.protect(plain(device), systemTitle, counter, control);
    return framed(encodeApdu({ type: "ciphered", tag: 0xdb, systemTitle, payload }));
  }
  const refusals = async () => (await parts.store.pushes.listUnknown(10)).map((row) => [row.device, row.description]);

  const { authenticated, encrypted, authenticatedAndEncrypted } = SECURITY_CONTROL;
  const ACCEPTED = [
    [undefined, [authenticatedAndEncrypted]],
    ["authenticated", [authenticated, authenticatedAndEncrypted]],
    ["encrypted", [encrypted, authenticatedAndEncrypted]],
    ["authenticated-and-encrypted", [authenticatedAndEncrypted]],
  ] as const;
  for (const [pushSecurity, accepted] of ACCEPTED) {
    it(`has the protection that the record asks for: ${pushSecurity ?? "when it asks for none, all of it"}`, async () => {
      await register({ systemTitle: TITLE.toLowerCase(), ...(pushSecurity && { pushSecurity }) });
      let counter = 0;
      for (const control of Object.values(SECURITY_CONTROL)) {
        const stored = await receive(ciphered(++counter, control));
        const isAccepted = (accepted as readonly number[]).includes(control);
        assert.deepEqual(stored?.alarms, isAccepted ? ["CLOCK_INVALID"] : undefined, `security control ${control}`);
        assert.equal(stored?.device, isAccepted ? METER : undefined);
      }
      const refused = await refusals();
      assert.equal(refused.length, 1);
      assert.match(refused[0]![1]!, /^refused: security control [12]0 where [123]0 is required$/);
    });
  }

  it("that is encrypted only opens with the simulated meter's keys, for a record that allows it", async () => {
    const push = framed(fromHex("DB084D475400000000010F2000000001ECF344E0E8A2749A8FA7"));
    await register({ systemTitle: TITLE });
    assert.equal(await receive(push), undefined);
    assert.deepEqual(await refusals(), [[METER, "refused: security control 20 where 30 is required"]]);
    await register({ systemTitle: TITLE, pushSecurity: "encrypted" });
    parts.clock.advance(2000);
    assert.equal(await receive(push), undefined);
    // It is open now; what is inside, a structure with the number 7, names no device.
    assert.deepEqual(await refusals(), [[METER, "refused: the equipment identifier is not an octet-string"]]);
  });

  it("comes from a simulated meter", async () => {
    const { meter } = meterUnderTest({ identification: METER });
    await register({ systemTitle: toHex(meter.description.systemTitle), pushSecurity: "authenticated-and-encrypted" });
    assert.deepEqual((await receive(encodePush(meter, { ...ALARM, ciphered: true })))?.alarms, ["CLOCK_INVALID"]);
  });

  it("is taken once: its counter has to be higher than all before under the same key", async () => {
    await register({ systemTitle: TITLE });
    const push = ciphered(7, authenticatedAndEncrypted);
    assert.ok(await receive(push));
    const entries = await parts.store.messageLog.size();
    for (const replay of [push, ciphered(6, authenticatedAndEncrypted)]) assert.equal(await receive(replay), undefined);
    assert.equal((await parts.store.pushes.list(10)).length, 1);
    assert.match((await refusals())[0]![1]!, /refused: invocation counter 6 or a higher one came before: a replay/);
    const reads = await parts.store.messageLog.read(entries, 10);
    assert.ok(
      reads.every(({ leaf }) => leaf.service === "vault"),
      "the replay itself is no evidence",
    );
    assert.ok(await receive(ciphered(8, authenticatedAndEncrypted)));
  });

  it("may begin its counter anew with a new key", async () => {
    await register({ systemTitle: TITLE });
    assert.ok(await receive(ciphered(7, authenticatedAndEncrypted)));
    const value = new Uint8Array(16).fill(9);
    await parts.vault.storeNew(METER, [{ type: "E_METER_ENCRYPTION_KEY_UNICAST", value }]);
    await parts.vault.activate(METER, ["E_METER_ENCRYPTION_KEY_UNICAST"]);
    const keys = new CipherKeys(value, fromHex(AUTHENTICATION));
    assert.ok(await receive(ciphered(0, authenticatedAndEncrypted, { keys })));
    assert.equal(await receive(ciphered(9, authenticatedAndEncrypted)), undefined);
  });

  it("in clear is refused and counted for a device that has to protect it, also in a general block", async () => {
    await register({ systemTitle: TITLE, pushSecurity: "authenticated" });
    const apdu = plain();
    const block = Uint8Array.of(0xe0, 0xc0, 0, 1, 0, 0, apdu.length, ...apdu);
    const dsmr4 = new Uint8Array([...Buffer.from(`${METER},`), 0, 0, 0, 1]);
    for (const push of [framed(apdu), framed(block), dsmr4]) assert.equal(await receive(push), undefined);
    const [row, ...more] = await parts.store.pushes.listUnknown(10);
    assert.deepEqual([row?.device, row?.pushes, more.length], [METER, 3, 0]);
    assert.match(row!.description, /refused: it came in clear/);
    assert.deepEqual(await parts.store.pushes.list(10), []);
  });

  it("in clear is taken of other devices, in a general block too", async () => {
    await register({ systemTitle: TITLE });
    const apdu = plain();
    assert.ok(await receive(framed(apdu)));
    assert.ok(await receive(framed(Uint8Array.of(0xe0, 0xc0, 0, 1, 0, 0, apdu.length, ...apdu))));
  });

  it("is refused when its system title is unknown or of several, its keys are not there, or it names another device", async () => {
    await register({ systemTitle: TITLE });
    assert.equal(await receive(ciphered(1, authenticatedAndEncrypted, { title: "4D47540000000002" })), undefined);
    assert.equal(await receive(ciphered(2, authenticatedAndEncrypted, { device: "TEST1024000000009" })), undefined);
    const keyless = meterEntry({ identification: "TEST1024000000003", systemTitle: "4D47540000000003" });
    await parts.load({ devices: [keyless] });
    assert.equal(await receive(ciphered(3, authenticatedAndEncrypted, { title: "4D47540000000003" })), undefined);
    await parts.load({ devices: [{ ...keyless, systemTitle: TITLE }] });
    assert.equal(await receive(ciphered(4, authenticatedAndEncrypted)), undefined);
    assert.deepEqual(
      (await refusals()).map(([device]) => device).sort(),
      [METER, `system title ${TITLE}`, "system title 4D47540000000002", "system title 4D47540000000003"].sort(),
    );
    assert.deepEqual(await parts.store.pushes.list(10), []);
  });
});
