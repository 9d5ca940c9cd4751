import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { type CosemData, cosem } from "../../../../src/dlms/data.ts";
import { fromHex } from "../../../../src/lib/bytes.ts";
import { DEFAULT_METER_KEYS } from "../../../../src/simulators/dlms/meter-keys.ts";
import { get, invoke, meterUnderTest } from "../test-meter.ts";

const TRANSFER = "64/0.0.43.0.0.255/2";
const NEW_KEY = fromHex("F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF");

function wrapped(key: Uint8Array, masterKey = DEFAULT_METER_KEYS.master): Uint8Array {
  const cipher = createCipheriv("id-aes128-wrap", masterKey, Buffer.from("A6A6A6A6A6A6A6A6", "hex"));
  return new Uint8Array(Buffer.concat([cipher.update(key), cipher.final()]));
}

const transfer = (keyId: number, octets: Uint8Array): CosemData =>
  cosem.array([cosem.structure([cosem.enum(keyId), cosem.octetString(octets)])]);

describe("the key transfer of a simulated meter", () => {
  it("takes a unicast key that its master key wrapped, once the answer has gone out", () => {
    const { meter } = meterUnderTest();
    assert.equal(invoke(meter, TRANSFER, transfer(0, wrapped(NEW_KEY))), "success");
    assert.deepEqual(meter.keys.encryptionUnicast, DEFAULT_METER_KEYS.encryptionUnicast);
    assert.equal(meter.commitKeys(), true);
    assert.deepEqual(meter.keys.encryptionUnicast, NEW_KEY);
    assert.deepEqual(meter.keys.authentication, DEFAULT_METER_KEYS.authentication);
    assert.equal(meter.commitKeys(), false);
  });

  it("starts counting anew with a new unicast key, but not with a new authentication key", () => {
    const { meter } = meterUnderTest();
    invoke(meter, TRANSFER, transfer(2, wrapped(NEW_KEY)));
    meter.commitKeys();
    assert.deepEqual(meter.keys.authentication, NEW_KEY);
    assert.deepEqual(get(meter, "1/0.0.43.1.0.255/2"), { data: cosem.doubleLongUnsigned(12_345) });
    invoke(meter, TRANSFER, transfer(0, wrapped(NEW_KEY)));
    meter.commitKeys();
    assert.deepEqual(get(meter, "1/0.0.43.1.0.255/2"), { data: cosem.doubleLongUnsigned(0) });
  });

  it("takes all keys of one transfer or none", () => {
    const { meter } = meterUnderTest();
    const good = cosem.structure([cosem.enum(2), cosem.octetString(wrapped(NEW_KEY))]);
    const bad = cosem.structure([cosem.enum(0), cosem.octetString(wrapped(NEW_KEY, NEW_KEY))]);
    assert.equal(invoke(meter, TRANSFER, cosem.array([good, bad])), "other-reason");
    assert.equal(meter.commitKeys(), false);
  });

  it("refuses the broadcast key, a key of another length and parameters of another type", () => {
    const { meter } = meterUnderTest();
    assert.equal(invoke(meter, TRANSFER, transfer(1, wrapped(NEW_KEY))), "other-reason");
    assert.equal(invoke(meter, TRANSFER, transfer(0, NEW_KEY)), "other-reason");
    assert.equal(invoke(meter, TRANSFER, cosem.integer(0)), "type-unmatched");
  });
});
