import assert from "node:assert/strict";
import fc from "fast-check";
import { type Apdu, cosem, describeApdu, describeData, encodeApdu, explainApdu } from "../../src/dlms/index.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { anyApdu } from "./arbitraries.ts";
import { KEYS, SERVER_TITLE } from "./session.ts";

const invoke = { id: 3, confirmed: true, highPriority: false };
const logicalName = parseObis("0.0.43.0.0.255");
const key = cosem.octetString(fromHex("00112233445566778899AABBCCDDEEFF"));

describe("explaining APDUs", () => {
  for (const [octets, text] of [
    ["C001C100080000010000FF0200", "get-request-normal 1 high priority 8/0.0.1.0.0.255/2"],
    [
      "C0014300070000630100FF020101020211011102",
      "get-request-normal 3 7/0.0.99.1.0.255/2 selector 1 structure(unsigned 1, unsigned 2)",
    ],
    ["C401430104", "get-response-normal 3 object-undefined"],
    ["C701430000", "action-response-normal 3 success"],
    ["C5014303", "set-response-normal 3 read-write-denied"],
    ["D80106000003E8", "exception-response stateError 1 serviceError 6 expectedInvocationCounter 1000"],
    ["0E010603", "confirmed-service-error service 1 category 6 value 3"],
    ["0502022F20050001", "read-request [2F20; after block 1]"],
    ["FF", "faulty, remote/malformed: no APDU has the tag FF (at octet 0): FF"],
  ] as const) {
    it(`says "${text}"`, () => {
      assert.equal(explainApdu(fromHex(octets)), text);
    });
  }

  it("withholds keys on their way to objects that take them, and tells other values", () => {
    const secrets: Apdu[] = [
      { type: "set-request-normal", invoke, attribute: { classId: 15, logicalName, attribute: 7 }, value: key },
      { type: "action-request-normal", invoke, method: { classId: 64, logicalName, method: 2 }, parameters: key },
      { type: "action-request-normal", invoke, method: { classId: 72, logicalName, method: 7 }, parameters: key },
      { type: "action-request-normal", invoke, method: { classId: 15, logicalName, method: 2 }, parameters: key },
      { type: "write-request", variables: [{ shortName: 0x2f20 }], values: [key] },
    ];
    for (const apdu of secrets) {
      assert.match(describeApdu(apdu), /\(withheld\)/);
      assert.ok(!describeApdu(apdu).includes("00112233"));
    }
    const open: Apdu = {
      type: "set-request-normal",
      invoke,
      attribute: { classId: 1, logicalName, attribute: 2 },
      value: key,
    };
    assert.match(describeApdu(open), /octet-string 00112233/);
  });

  it("withholds passwords and dedicated keys", () => {
    const text = explainApdu(
      encodeApdu({
        type: "aarq",
        applicationContext: "logical-name",
        mechanism: "low",
        callingAuthenticationValue: Buffer.from("opensesame"),
        userInformation: fromHex("01011000112233445566778899AABBCCDDEEFF0000065F1F0400007E1F04B0"),
      }),
    );
    assert.match(text, /dedicated key \(withheld\)/);
    assert.ok(!text.includes("00112233") && !text.includes(Buffer.from("opensesame").toString("hex").toUpperCase()));
  });

  it("opens ciphered APDUs with the sender's keys, and leaves them closed without", () => {
    const payload = KEYS.protect(fromHex("C0014300080000010000FF0200"), SERVER_TITLE, 7);
    const octets = encodeApdu({ type: "ciphered", tag: 0xc8, payload });
    const sender = { keys: KEYS, systemTitle: SERVER_TITLE };
    assert.equal(explainApdu(octets, sender), "ciphered C8 counter 7: get-request-normal 3 8/0.0.1.0.0.255/2");
    assert.equal(explainApdu(octets), "ciphered C8");
    const other = { keys: KEYS.withEncryptionKey(new Uint8Array(16)), systemTitle: SERVER_TITLE };
    assert.match(explainApdu(octets, other), /^ciphered C8, faulty, security\/tag/);
  });

  it("finds words for any APDU and any octets", () => {
    fc.assert(fc.property(anyApdu, (apdu) => assert.ok(describeApdu(apdu).startsWith(apdu.type))));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => assert.ok(explainApdu(octets).length > 0)));
  });
});

describe("writing values down", () => {
  for (const [data, text] of [
    [cosem.nullData(), "null-data"],
    [cosem.structure([cosem.boolean(true), cosem.long64(-5n)]), "structure(boolean true, long64 -5)"],
    [cosem.bitString(fromHex("A0"), 3), "bit-string 101"],
    [cosem.visibleString('a"b'), 'visible-string "a\\"b"'],
    [cosem.octetString(fromHex("0AFF")), "octet-string 0AFF"],
    [cosem.array([]), "array()"],
  ] as const) {
    it(`gives ${text}`, () => {
      assert.equal(describeData(data), text);
    });
  }
});
