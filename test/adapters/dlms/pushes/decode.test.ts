import assert from "node:assert/strict";
import fc from "fast-check";
import { decodePush, PushError, pushLength } from "../../../../src/adapters/dlms/pushes/decode.ts";
import { concatBytes, fromHex } from "../../../../src/lib/bytes.ts";

const ascii = (text: string) => new Uint8Array(Buffer.from(text, "ascii"));
const device = "EXXXX123456789012";

function dsmr4(end: string): Uint8Array {
  return concatBytes(ascii(device), fromHex("2C"), fromHex(end));
}

function smr5(logicalName: string, ...registers: string[]): Uint8Array {
  const apdu = concatBytes(
    fromHex(`0F 00000001 00 02 0${2 + registers.length} 09 11`),
    ascii(device),
    fromHex(`09 06 ${logicalName}`),
    ...registers.map((register) => fromHex(`06 ${register}`)),
  );
  return concatBytes(fromHex("0001 0001 0040 00"), Uint8Array.of(apdu.length), apdu);
}

/** Logged by a platform in the field and kept in the tests of GXF. */
const MX382_LAST_GASP =
  "000100670066002ac2090c07e70706040a362600ff888000018080808080000209104b413650303035303339303231313130";
const MX382_WAKE_UP =
  "000100670066002ac2090c07e70a19030b122900ff888000010000600101ff0209104b414c37303035303838313136373132";

/** Wrapper from wPort 1 to 0x40, general-glo-ciphering, system title, length, security control, counter, octets. */
const CIPHERED = fromHex("0001 0001 0040 0014 DB 08 4D4D4D0000BC614E 09 30 00000001 01020304");

describe("a pushed message", () => {
  it("of DSMR4 names the alarms of register 1", () => {
    const push = decodePush(dsmr4("00000003"), "tcp");
    assert.deepEqual([push.device, push.trigger, push.alarms], [device, "alarm", ["CLOCK_INVALID", "REPLACE_BATTERY"]]);
  });

  it("of DSMR4 with a logical name is what the name says", () => {
    assert.equal(decodePush(dsmr4("0000020300FF"), "tcp").trigger, "sms-wakeup");
    assert.equal(decodePush(dsmr4("0000020200FF"), "tcp").trigger, "csd-wakeup");
    assert.equal(decodePush(dsmr4("00000F0004FF"), "tcp").trigger, "scheduler");
  });

  it("of SMR5 names the alarms of registers 1 and 2", () => {
    const push = decodePush(smr5("0001190900FF", "00000001", "00000008"), "tcp");
    assert.deepEqual(push.alarms, ["CLOCK_INVALID", "VOLTAGE_SWELL_IN_PHASE_DETECTED_L1"]);
  });

  it("of SMR5 over the UDP push setup names the alarms of register 3", () => {
    assert.deepEqual(decodePush(smr5("0003190900FF", "00000003"), "udp").alarms, ["LAST_GASP", "LAST_GASP_TEST"]);
  });

  it("of SMR5 without registers can be an SMS wake-up", () => {
    assert.equal(decodePush(smr5("0002190900FF"), "tcp").trigger, "sms-wakeup");
  });

  it("of an MX382 is a last gasp", () => {
    const push = decodePush(fromHex(MX382_LAST_GASP), "tcp");
    assert.deepEqual([push.device, push.alarms], ["KA6P005039021110", ["LAST_GASP"]]);
  });

  it("of an MX382 over UDP is an SMS wake-up", () => {
    const push = decodePush(fromHex(MX382_WAKE_UP), "udp");
    assert.deepEqual([push.device, push.trigger, push.alarms], ["KAL7005088116712", "sms-wakeup", []]);
  });

  for (const [what, message, alarms, remark] of [
    ["of DSMR4 with a reserved bit", dsmr4("00002020"), ["FRAUD_ATTEMPT"], "unknown bit 5 of alarm register 1"],
    [
      "of SMR5 with reserved bits in both registers",
      smr5("0001190900FF", "00002040", "80000001"),
      ["FRAUD_ATTEMPT", "VOLTAGE_SAG_IN_PHASE_DETECTED_L1"],
      "unknown bit 6 of alarm register 1, unknown bit 31 of alarm register 2",
    ],
    [
      "of SMR5 with a reserved bit in register 3",
      smr5("0003190900FF", "00000005"),
      ["LAST_GASP"],
      "unknown bit 2 of alarm register 3",
    ],
    ["with nothing but a reserved bit", dsmr4("00000020"), [], "unknown bit 5 of alarm register 1"],
    ["of DSMR4 with an unknown logical name", dsmr4("010203040506"), [], "unknown trigger 1.2.3.4.5.6"],
    ["of SMR5 with an unknown logical name", smr5("0005190900FF"), [], "unknown trigger 0.5.25.9.0.255"],
    [
      "of SMR5 with registers under an unknown logical name",
      smr5("0005190900FF", "00002000"),
      ["FRAUD_ATTEMPT"],
      "unknown trigger 0.5.25.9.0.255",
    ],
    [
      "of SMR5 with registers under the name of a wake-up",
      smr5("0002190900FF", "00002000"),
      ["FRAUD_ATTEMPT"],
      "trigger 0.2.25.9.0.255",
    ],
  ] as const) {
    it(`${what} is an alarm: what is known is delivered, what is not is named beside it`, () => {
      const push = decodePush(message, "tcp");
      assert.deepEqual([push.device, push.trigger, push.alarms], [device, "alarm", alarms]);
      assert.equal(push.text, `Push from ${device}, trigger alarm: ${[...alarms, remark].join(", ")}`);
    });
  }

  const refused: [string, Uint8Array, RegExp][] = [
    ["that is cut", dsmr4("0000"), /4 octets of alarms/],
    ["that is empty", new Uint8Array(0), /octet 17/],
    ["of an MX382 with another object", fromHex(MX382_WAKE_UP), /last gasp object/],
    ["of an MX382 with another length", fromHex(MX382_LAST_GASP).subarray(0, 40), /not 32/],
    [
      "with two registers over the UDP push setup",
      smr5("0003190900FF", "00000001", "00000001"),
      /has register 3 alone/,
    ],
    ["with three registers", smr5("0001190900FF", "00000001", "00000001", "00000001"), /5 elements/],
  ];
  for (const [what, message, reason] of refused) {
    it(`${what} is refused`, () =>
      assert.throws(
        () => decodePush(message, "tcp"),
        (e) => e instanceof PushError && reason.test(e.message),
      ));
  }

  it("of any octets is a push or a PushError", () => {
    const start = fc.constantFrom(smr5("0001190900FF", "00000001"), dsmr4("00000001"), fromHex(MX382_LAST_GASP));
    const message = fc
      .tuple(start, fc.uint8Array({ maxLength: 40 }), fc.nat(60))
      .map(([a, b, at]) => concatBytes(a.subarray(0, at), b, a.subarray(at + b.length)));
    fc.assert(
      fc.property(message, (octets) => {
        try {
          decodePush(octets, "tcp");
        } catch (error) {
          assert.ok(error instanceof PushError, String(error));
        }
      }),
    );
  });

  it("tells its length from the wrapper header, and a DSMR4 message none", () => {
    const message = smr5("0001190900FF", "00000001");
    assert.equal(pushLength(message), message.length);
    assert.equal(pushLength(CIPHERED), CIPHERED.length);
    assert.equal(pushLength(dsmr4("00000001")), undefined);
    assert.equal(pushLength(message.subarray(0, 8)), undefined);
  });
});
