import assert from "node:assert/strict";
import {
  encodeManufacturer,
  encryptKeySmr5,
  encryptUserKeyDsmr4,
  keyChangeCounterAt,
} from "../../../src/adapters/dlms/mbus-key.ts";
import { fromHex, toHex } from "../../../src/lib/bytes.ts";

// Both results are the verified examples that the GXF platform's tests hold for its key encryption.
const masterKey = fromHex("000102030405060708090A0B0C0D0E0F");
const newKey = fromHex("11111111222222223333333344444455");

describe("keys for M-Bus meters", () => {
  it("are encrypted for DSMR 4.2.2 as the published example", () => {
    assert.equal(toHex(encryptUserKeyDsmr4(masterKey, newKey)), "08EAB184363141F1E7B554939DFB75B8");
  });

  it("are encrypted for SMR5 as the published example", () => {
    const meter = { identificationNumber: "99310014", manufacturerIdentification: "FLO" };
    assert.equal(
      toHex(encryptKeySmr5(masterKey, newKey, 2, 1, meter)),
      "00000001" + "1928DD82E493E489EED5A235E771C2232523" + "C60AC982F22C820A",
    );
  });

  it("count seconds since 2000 as their change counter", () => {
    assert.equal(keyChangeCounterAt(Date.UTC(2000, 0, 1, 0, 1, 1, 999)), 61);
  });

  it("name the manufacturer in five bits a letter", () => {
    assert.equal(encodeManufacturer("LGB"), 12514);
  });
});
