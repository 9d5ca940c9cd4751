import assert from "node:assert/strict";
import { ApduRedactor } from "../../../src/adapters/dlms/apdu-redactor.ts";
import type { Apdu, AttributeReference, MethodReference } from "../../../src/dlms/apdu.ts";
import { decodeApdu, encodeApdu } from "../../../src/dlms/apdu-codec.ts";
import { cosem } from "../../../src/dlms/data.ts";
import { fromHex, toHex } from "../../../src/lib/bytes.ts";
import { parseObis } from "../../../src/lib/obis.ts";

const SECRET = fromHex("5EC2E75EC2E75EC2E75EC2E75EC2E701");
const VALUE = cosem.octetString(SECRET);
const invoke = { id: 1, confirmed: true, highPriority: false };
const attribute = (classId: number, number: number): AttributeReference => ({
  ...{ classId, logicalName: parseObis("0.0.1.0.0.255"), attribute: number },
});
const method = (classId: number, number: number): MethodReference => ({
  ...{ classId, logicalName: parseObis("0.0.1.0.0.255"), method: number },
});
const block = { last: true, number: 1, raw: SECRET };
const returned = { result: "success", returned: { data: VALUE } } as const;
const contains = (octets: Uint8Array) => toHex(octets).includes("5EC2E7");

/** What becomes of APDUs of one association, in their order. */
function redacted(...apdus: readonly Apdu[]): Uint8Array[] {
  const redactor = new ApduRedactor();
  return apdus.map((apdu) => redactor.redact(encodeApdu(apdu)));
}

describe("APDUs that are kept of a device", () => {
  const exchanges: Readonly<Record<string, readonly Apdu[]>> = {
    "a password that is written": [
      { type: "set-request-normal", invoke, attribute: attribute(15, 7), value: VALUE },
      { type: "set-response-normal", invoke, result: "success" },
    ],
    "a password among other things that are written": [
      {
        ...{ type: "set-request-with-list", invoke, values: [cosem.unsigned(1), VALUE] },
        attributes: [attribute(8, 2), attribute(44, 5)],
      },
    ],
    "a password that is written in blocks": [
      { type: "set-request-with-first-datablock", invoke, attribute: attribute(44, 5), block },
      { type: "set-response-datablock", invoke, blockNumber: 1 },
      { type: "set-request-with-datablock", invoke, block },
    ],
    "a list with a password that is written in blocks": [
      { type: "set-request-with-list-and-first-datablock", invoke, attributes: [attribute(15, 7)], block },
      { type: "set-request-with-datablock", invoke, block },
    ],
    "a password that is read": [
      { type: "get-request-normal", invoke, attribute: attribute(15, 7) },
      { type: "get-response-normal", invoke, result: { data: VALUE } },
    ],
    "a password that is read with all attributes, in blocks": [
      { type: "get-request-normal", invoke, attribute: attribute(44, 0) },
      { type: "get-response-with-datablock", invoke, block },
      { type: "get-request-next", invoke, blockNumber: 1 },
      { type: "get-response-with-datablock", invoke, block },
    ],
    "a password in a list that is read": [
      { type: "get-request-with-list", invoke, attributes: [attribute(8, 2), attribute(15, 7)] },
      { type: "get-response-with-list", invoke, results: [{ error: "read-write-denied" }, { data: VALUE }] },
    ],
    "a key that is transferred": [
      { type: "action-request-normal", invoke, method: method(64, 2), parameters: VALUE },
      { type: "action-response-normal", invoke, response: returned },
    ],
    "a key for an M-Bus device, in blocks": [
      { type: "action-request-with-first-pblock", invoke, method: method(72, 8), block },
      { type: "action-response-next-pblock", invoke, blockNumber: 1 },
      { type: "action-request-with-pblock", invoke, block },
      { type: "action-response-with-pblock", invoke, block },
    ],
    "keys for M-Bus devices, in a list": [
      {
        ...{ type: "action-request-with-list", invoke, parameters: [VALUE, VALUE] },
        methods: [method(72, 6), method(72, 7)],
      },
      { type: "action-response-with-list", invoke, responses: [returned, { result: "other-reason" }] },
    ],
    "a list with a key, in blocks": [
      { type: "action-request-with-list-and-first-pblock", invoke, methods: [method(15, 2)], block },
    ],
    "whatever is written to a short name": [
      { type: "write-request", variables: [{ shortName: 8 }], values: [VALUE] },
      { type: "write-response", results: ["success"] },
    ],
    "the password of an association": [
      {
        ...{ type: "aarq", applicationContext: "logical-name", mechanism: "low" },
        ...{ callingAuthenticationValue: SECRET, userInformation: fromHex("01000000065F1F0400007E1FFFFF") },
      },
    ],
  };
  for (const [what, apdus] of Object.entries(exchanges)) {
    it(`are without ${what}, and can be read`, () => {
      assert.ok(apdus.some((apdu) => contains(encodeApdu(apdu))));
      const kept = redacted(...apdus);
      assert.equal(kept.some(contains), false);
      assert.deepEqual(
        kept.map((octets) => decodeApdu(octets).type),
        apdus.map(({ type }) => type),
      );
    });
  }

  it("show everything else as it was, also after a secret", () => {
    const apdus: readonly Apdu[] = [
      { type: "set-request-normal", invoke, attribute: attribute(15, 7), value: cosem.octetString(fromHex("00")) },
      { type: "set-response-normal", invoke, result: "success" },
      { type: "get-request-normal", invoke, attribute: attribute(8, 2) },
      { type: "get-response-normal", invoke, result: { data: VALUE } },
      { type: "action-request-normal", invoke, method: method(72, 1), parameters: VALUE },
      { type: "exception-response", stateError: 1, serviceError: 2 },
    ];
    assert.deepEqual(redacted(...apdus).slice(1), apdus.map(encodeApdu).slice(1));
  });

  it("show no more than the tag of what cannot be read, once a secret was asked for", () => {
    const redactor = new ApduRedactor();
    const faulty = Buffer.concat([fromHex("C4FF"), SECRET]);
    const kept = redactor.redact(faulty);
    assert.equal(toHex(kept), toHex(faulty));
    // What came from the network lies in memory that is used again.
    faulty[1] = 0;
    assert.equal(kept[1], 0xff);
    redactor.redact(encodeApdu({ type: "get-request-normal", invoke, attribute: attribute(44, 5) }));
    assert.deepEqual(redactor.redact(faulty), fromHex("C4"));
  });
});
