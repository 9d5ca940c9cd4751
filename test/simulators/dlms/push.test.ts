import assert from "node:assert/strict";
import { decodeApdu } from "../../../src/dlms/apdu-codec.ts";
import { cosem } from "../../../src/dlms/data.ts";
import { fromHex, toHex } from "../../../src/lib/bytes.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import { SimulatorError } from "../../../src/simulators/dlms/errors.ts";
import { encodePush, messageOf, raiseAlarm, sendPush, targetOf } from "../../../src/simulators/dlms/push.ts";
import { listenTcp, listenUdp } from "../../../src/transport/open-listener.ts";
import { invoke, meterUnderTest, set } from "./test-meter.ts";

const IDENTIFICATION = "TEST1027000000001";
const IDENTIFIER_HEX = toHex(new Uint8Array(Buffer.from(IDENTIFICATION)));
const ALARM_SETUP = parseObis("0.1.25.9.0.255");
const LAST_GASP_SETUP = parseObis("0.3.25.9.0.255");
const LIMITS = { connections: 4, connectionsPerSource: 4, idleTimeoutMs: 5000 };

const meterOf = (profile: string) => meterUnderTest({ profile, identification: IDENTIFICATION }).meter;

describe("the pushes of a simulated meter", () => {
  it("carry identifier, comma and alarm register or logical name in DSMR 4", () => {
    const meter = meterOf("dsmr4.2.2");
    assert.equal(
      toHex(encodePush(meter, { format: "dsmr4", alarmRegister: 0x80000001 })),
      `${IDENTIFIER_HEX}2C80000001`,
    );
    const trigger = parseObis("0.0.2.3.0.255");
    assert.equal(toHex(encodePush(meter, { format: "dsmr4", trigger })), `${IDENTIFIER_HEX}2C0000020300FF`);
  });

  it("are data-notifications in SMR 5, with a structure of two to four elements", () => {
    const meter = meterOf("smr5.2");
    const message = { format: "smr5", trigger: ALARM_SETUP, alarmRegisters: [2, 5] } as const;
    assert.equal(
      toHex(encodePush(meter, message)),
      `000100010001002D0F000000000002040911${IDENTIFIER_HEX}09060001190900FF06000000020600000005`,
    );
    assert.equal(toHex(encodePush(meter, { ...message, alarmRegisters: [] }).subarray(14, 16)), "0202");
  });

  it("are an event notification with manufacturer-specific time in an MX382", () => {
    const plain = toHex(encodePush(meterOf("smr5.0.0"), { format: "mx382", withTime: false }));
    assert.equal(plain, `000100670066001EC2000001808080808000020911${IDENTIFIER_HEX}`);
    const timed = encodePush(meterOf("smr5.0.0"), { format: "mx382", withTime: true });
    assert.equal(toHex(timed.subarray(6, 11)), "002BC2090C");
  });

  it("are general-glo ciphered to wPort 0x40 when asked to", () => {
    const meter = meterOf("smr5.0.0");
    const message = { format: "smr5", trigger: ALARM_SETUP, alarmRegisters: [1] } as const;
    const octets = encodePush(meter, { ...message, ciphered: true });
    assert.equal(toHex(octets.subarray(0, 6)), "000100010040");
    const apdu = decodeApdu(octets.subarray(8));
    assert.ok(apdu.type === "ciphered" && apdu.tag === 0xdb);
    const { plaintext } = meter.cipherKeys.unprotect(apdu.payload, apdu.systemTitle!);
    assert.deepEqual(plaintext, encodePush(meter, message).slice(8));
  });

  it("carry the registers that the version has", () => {
    const meter = meterOf("smr5.5");
    raiseAlarm(meter, 1, 4);
    raiseAlarm(meter, 2, 1);
    raiseAlarm(meter, 3, 2);
    assert.deepEqual(messageOf(meter, ALARM_SETUP), { format: "smr5", trigger: ALARM_SETUP, alarmRegisters: [4, 1] });
    assert.deepEqual(messageOf(meter, LAST_GASP_SETUP), {
      format: "smr5",
      trigger: LAST_GASP_SETUP,
      alarmRegisters: [2],
    });
    assert.deepEqual(messageOf(meterOf("dsmr4.2.2"), ALARM_SETUP), { format: "dsmr4", alarmRegister: 0 });
  });

  it("raise alarms that stay set, and are pushed only when the filter lets them", () => {
    const meter = meterOf("smr5.0.0");
    assert.equal(raiseAlarm(meter, 1, 0b100), false);
    assert.equal(set(meter, "1/0.0.97.98.10.255/2", cosem.doubleLongUnsigned(0b1000)), "success");
    assert.equal(raiseAlarm(meter, 1, 0b1000), true);
    assert.deepEqual(meter.read(1, parseObis("0.0.97.98.0.255"), 2), cosem.doubleLongUnsigned(0b1100));
    assert.throws(() => raiseAlarm(meter, 3, 1), SimulatorError);
  });

  it("find their destination in the push setup that a client wrote", () => {
    const meter = meterOf("smr5.5");
    assert.throws(
      () => targetOf(meter, ALARM_SETUP),
      (error) => error instanceof SimulatorError && error.code === "simulator/no-destination",
    );
    const destination = (transport: number) =>
      cosem.structure([cosem.enum(transport), cosem.octetString(Buffer.from("127.0.0.1:9598")), cosem.enum(0)]);
    set(meter, "40/0.1.25.9.0.255/3", destination(0));
    set(meter, "40/0.3.25.9.0.255/3", destination(1));
    assert.deepEqual(targetOf(meter, ALARM_SETUP), { host: "127.0.0.1", port: 9598, transport: "tcp" });
    assert.deepEqual(targetOf(meter, LAST_GASP_SETUP), { host: "127.0.0.1", port: 9598, transport: "udp" });
  });

  it("fire when a client invokes method 1 of the push setup", () => {
    const meter = meterOf("smr5.0.0");
    const fired: string[] = [];
    meter.onPush = (logicalName) => fired.push(logicalName);
    assert.equal(invoke(meter, "40/0.1.25.9.0.255/1", cosem.integer(0)), "success");
    assert.deepEqual(fired, ["0.1.25.9.0.255"]);
  });

  it("arrive over TCP", async () => {
    const meter = meterOf("dsmr4.2.2");
    const received: Uint8Array[] = [];
    let ended = () => {};
    const arrived = new Promise<void>((resolve) => {
      ended = resolve;
    });
    const listener = await listenTcp("127.0.0.1", 0, LIMITS, () => ({
      data: (octets) => received.push(octets) > 0,
      end: () => ended(),
    }));
    await sendPush(
      meter,
      { format: "dsmr4", alarmRegister: 1 },
      { host: "127.0.0.1", port: listener.port, transport: "tcp" },
    );
    await arrived;
    await listener.close();
    assert.deepEqual(new Uint8Array(Buffer.concat(received)), fromHex(`${IDENTIFIER_HEX}2C00000001`));
  });

  it("arrive over UDP", async () => {
    const meter = meterOf("smr5.5");
    const message = { format: "smr5", trigger: LAST_GASP_SETUP, alarmRegisters: [1] } as const;
    let receive = (_datagram: Uint8Array) => {};
    const arrived = new Promise<Uint8Array>((resolve) => {
      receive = resolve;
    });
    const listener = await listenUdp("127.0.0.1", 0, (datagram) => receive(datagram));
    await sendPush(meter, message, { host: "127.0.0.1", port: listener.port, transport: "udp" });
    assert.deepEqual(new Uint8Array(await arrived), encodePush(meter, message));
    await listener.close();
  });
});
