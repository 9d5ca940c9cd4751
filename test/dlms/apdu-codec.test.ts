import assert from "node:assert/strict";
import fc from "fast-check";
import { type Apdu, DlmsError, type DlmsErrorCode, decodeApdu, encodeApdu } from "../../src/dlms/index.ts";
import { concatBytes, fromHex, toHex } from "../../src/lib/bytes.ts";
import { type ObisCode, parseObis } from "../../src/lib/obis.ts";
import { anyApdu, BORDER_LENGTHS } from "./arbitraries.ts";

function code(of: () => unknown): DlmsErrorCode | undefined {
  try {
    of();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DlmsError, String(error));
    return error.code;
  }
}

const decodeHex = (hex: string) => decodeApdu(fromHex(hex));

/** APDUs of which a shorter form is accepted: without return-parameters, without the expected counter. */
function mayEndEarly(apdu: Apdu): boolean {
  return apdu.type === "action-response-normal" || (apdu.type === "exception-response" && apdu.serviceError === 6);
}

describe("APDU codec", () => {
  it("decodes what it encodes", () => {
    fc.assert(
      fc.property(anyApdu, (apdu) => assert.deepEqual(decodeApdu(encodeApdu(apdu)), apdu)),
      { numRuns: 1000 },
    );
  });

  it("says that an APDU is truncated wherever it is cut", () => {
    fc.assert(
      fc.property(anyApdu, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (apdu, part) => {
        const bytes = encodeApdu(apdu);
        const cut = bytes.subarray(0, Math.floor(bytes.length * part));
        const found = code(() => decodeApdu(cut));
        assert.ok(found === "remote/truncated" || (found === undefined && mayEndEarly(apdu)), `${found}`);
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses octets behind an APDU", () => {
    fc.assert(
      fc.property(anyApdu, fc.uint8Array({ minLength: 1, maxLength: 3 }), (apdu, more) => {
        if (apdu.type === "rlrq" || apdu.type === "rlre" || mayEndEarly(apdu)) return;
        assert.equal(
          code(() => decodeApdu(concatBytes(encodeApdu(apdu), more))),
          "remote/malformed",
        );
      }),
    );
  });

  it("makes a value or a remote error of any octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        assert.match(code(() => decodeApdu(bytes)) ?? "remote/", /^remote\//);
      }),
      { numRuns: 2500 },
    );
  });

  it("makes a value or a remote error of an APDU with a changed octet", () => {
    fc.assert(
      fc.property(anyApdu, fc.nat(), fc.integer({ min: 1, max: 255 }), (apdu, at, change) => {
        const bytes = encodeApdu(apdu);
        bytes[at % bytes.length]! ^= change;
        assert.match(code(() => decodeApdu(bytes)) ?? "remote/", /^remote\//);
      }),
      { numRuns: 2500 },
    );
  });

  it("takes a Buffer and hands out plain octets", () => {
    const apdu = decodeApdu(Buffer.from("C40100000901AA", "hex"));
    assert.ok(apdu.type === "get-response-normal" && "data" in apdu.result && apdu.result.data.type === "octet-string");
    assert.equal(apdu.result.data.value.constructor, Uint8Array);
  });

  it("names the octet at which a malformed APDU breaks off", () => {
    assert.throws(() => decodeHex("C0 01 C1 00 08 00 00 01 00 00 FF 02 07"), {
      code: "remote/malformed",
      context: { offset: 12 },
    });
    assert.throws(() => decodeHex("C0 01 C1 00"), {
      code: "remote/truncated",
      context: { offset: 3, wanted: 2, remaining: 1 },
    });
  });

  it("refuses tags and alternatives that no APDU has", () => {
    for (const hex of ["00", "FF", "60", "C0 04 C1", "C4 00 C1", "C7 05 C1", "C1 06 C1", "05 01 03 00 00"]) {
      const found = code(() => decodeHex(hex));
      assert.ok(found === "remote/malformed" || (hex === "60" && found === "remote/truncated"), hex);
    }
    assert.equal(
      code(() => decodeApdu(new Uint8Array())),
      "remote/truncated",
    );
  });

  it("refuses a result that the standard does not number", () => {
    assert.equal(
      code(() => decodeHex("C5 01 C1 05")),
      "remote/malformed",
    );
    assert.equal(
      code(() => decodeHex("C7 01 C1 13 00")),
      "remote/malformed",
    );
    assert.equal(
      code(() => decodeHex("C4 01 C1 01 00")),
      "remote/malformed",
    );
  });

  it("does not encode what does not fit", () => {
    const invoke = { id: 1, confirmed: true, highPriority: false };
    const attribute = { classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2 };
    const unfit: Apdu[] = [
      { type: "get-request-normal", invoke: { ...invoke, id: 16 }, attribute },
      { type: "get-request-normal", invoke, attribute: { ...attribute, classId: 65_536 } },
      { type: "get-request-normal", invoke, attribute: { ...attribute, attribute: 128 } },
      { type: "get-request-normal", invoke, attribute: { ...attribute, logicalName: "0.0.300.0.0.255" as ObisCode } },
      { type: "get-request-normal", invoke, attribute: { ...attribute, logicalName: "0.0..0.0.255" as ObisCode } },
      { type: "get-request-normal", invoke, attribute: { ...attribute, logicalName: "1.2.3" as ObisCode } },
      { type: "get-request-next", invoke, blockNumber: 2 ** 32 },
      { type: "get-request-next", invoke, blockNumber: 1.5 },
      { type: "get-response-normal", invoke, result: { error: "success" as "other-reason" } },
      { type: "set-response-normal", invoke, result: "nonsense" as "success" },
      { type: "rlrq", reason: 128 },
      { type: "nonsense" } as unknown as Apdu,
      { type: "ciphered", tag: 0xc0, payload: new Uint8Array(5) },
      { type: "ciphered", tag: 0xc8, systemTitle: new Uint8Array(8), payload: new Uint8Array(5) },
      { type: "ciphered", tag: 0xdb, payload: new Uint8Array(5) },
    ];
    for (const apdu of unfit)
      assert.equal(
        code(() => encodeApdu(apdu)),
        "local/invalid-value",
        JSON.stringify(apdu),
      );
  });

  it("ignores the reserved bits of the invoke-id and of the conformance block", () => {
    assert.deepEqual(decodeHex("C5 01 F1 00"), {
      type: "set-response-normal",
      invoke: { id: 1, confirmed: true, highPriority: true },
      result: "success",
    });
    const initiate = decodeHex("08 00 06 5F 1F 04 00 80 00 10 01 F4 00 07");
    assert.ok(initiate.type === "initiate-response");
    assert.deepEqual(initiate.conformance, ["get"]);
  });
});

describe("ciphered APDUs", () => {
  for (const length of BORDER_LENGTHS.filter((border) => border >= 5)) {
    it(`carry ${length} octets in the service-specific and in the general form`, () => {
      const payload = new Uint8Array(length).fill(0x5a);
      const systemTitle = fromHex("4142434445464748");
      for (const apdu of [
        { type: "ciphered", tag: 0xcc, payload },
        { type: "ciphered", tag: 0xdb, systemTitle, payload },
      ] as const) {
        assert.deepEqual(decodeApdu(encodeApdu(apdu)), apdu);
      }
    });
  }

  it("are refused when the lengths do not add up", () => {
    assert.equal(
      code(() => decodeHex("C8 05 30 00 00 00")),
      "remote/truncated",
    );
    assert.equal(
      code(() => decodeHex("C8 05 30 00 00 00 01 FF")),
      "remote/malformed",
    );
    assert.equal(
      code(() => decodeHex("C8 04 30 00 00 00")),
      "remote/malformed",
    );
    assert.equal(
      code(() => decodeHex("DB 07 41 42 43 44 45 46 47 05 30 00 00 00 01")),
      "remote/malformed",
    );
  });

  it("take a length that is longer than need be", () => {
    assert.deepEqual(decodeHex("DB 00 82 00 05 30 00 00 00 01"), {
      type: "ciphered",
      tag: 0xdb,
      systemTitle: new Uint8Array(),
      payload: fromHex("3000000001"),
    });
  });
});

describe("ACSE APDUs", () => {
  const accepting = "A1 09 06 07 60 85 74 05 08 01 01 A2 03 02 01 00 A3 05 A1 03 02 01 00";

  it("may carry protocol-version and keep it", () => {
    const hex = `61 1B 80 02 07 80 ${accepting}`.replaceAll(" ", "");
    const apdu = decodeHex(hex);
    assert.ok(apdu.type === "aare" && apdu.protocolVersion === true && apdu.result === 0);
    assert.equal(toHex(encodeApdu(apdu)), hex);
  });

  it("may carry fields that are of no use here", () => {
    const apdu = decodeHex(`61 1C ${accepting} A5 03 04 01 AA`);
    assert.ok(apdu.type === "aare");
    assert.equal(apdu.userInformation, undefined);
  });

  it("must carry what is mandatory", () => {
    assert.equal(
      code(() => decodeHex("60 0B A1 09 06 07 60 85 74 05 08 01 01")),
      "remote/malformed",
    );
    assert.equal(
      code(() => decodeHex("61 00")),
      "remote/malformed",
    );
    assert.equal(
      code(() => decodeHex("60 12 BE 10 04 0E 01 00 00 00 06 5F 1F 04 00 00 7E 1F 04 B0")),
      "remote/malformed",
    );
  });

  it("must name a context and mechanism of DLMS UA", () => {
    const aarq = (context: string) => `60 13 A1 09 06 07 ${context} BE 06 04 04 0E 01 06 01`;
    assert.equal(decodeHex(aarq("60 85 74 05 08 01 02")).type, "aarq");
    for (const context of [
      "60 85 74 05 08 01 05",
      "60 85 74 05 08 01 00",
      "60 85 74 05 08 02 01",
      "60 85 74 05 09 01 01",
    ]) {
      assert.equal(
        code(() => decodeHex(aarq(context))),
        "remote/malformed",
        context,
      );
    }
  });

  it("must have fields that stay inside of them", () => {
    assert.equal(
      code(() => decodeHex("61 05 A2 04 02 01 00")),
      "remote/malformed",
    );
    assert.equal(
      code(() => decodeHex("61 07 A2 03 02 02 00 A3 00")),
      "remote/malformed",
    );
  });
});

describe("release APDUs", () => {
  const userInformation = fromHex("0800065F1F040000501F01F40007");
  const withUserInformation = { type: "rlre", reason: 0, userInformation } as const;

  it("take what is there when a length is too small, and say so", () => {
    const right = encodeApdu(withUserInformation);
    for (const at of [1, 6, 8]) {
      const wrong = right.slice();
      wrong[at]! -= 4;
      assert.deepEqual(decodeApdu(wrong), { ...withUserInformation, lengthFault: true }, `length at octet ${at}`);
    }
    assert.deepEqual(decodeApdu(right), withUserInformation);
  });

  it("are truncated when a length is too large", () => {
    assert.equal(
      code(() => decodeHex("63 04 80 01 00")),
      "remote/truncated",
    );
  });

  it("may be empty", () => {
    assert.deepEqual(decodeHex("62 00"), { type: "rlrq" });
  });
});
