import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { asNumber, cosem } from "../../../../src/dlms/data.ts";
import { concatBytes, fromHex } from "../../../../src/lib/bytes.ts";
import { DEFAULT_MBUS_KEY } from "../../../../src/simulators/dlms/mbus-device.ts";
import { gasMeterKeys } from "../../../../src/simulators/dlms/mbus-keys.ts";
import type { Meter } from "../../../../src/simulators/dlms/meter.ts";
import { get, invoke, meterUnderTest, set, value } from "../test-meter.ts";

const CLIENT = "72/0.1.24.1.0.255";
const NEW_KEY = fromHex("F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF");
const numberAt = (meter: Meter, attribute: number) => asNumber(value(meter, `${CLIENT}/${attribute}`));

/** Key change counter, then the key with its identifier under AES-GCM: 12056731 is LGB's number, both sent low octet first. */
function wrappedBySmr5(keyId: number, defaultKey = DEFAULT_MBUS_KEY): Uint8Array {
  const counter = fromHex("2F000001");
  const nonce = concatBytes(fromHex("31670512 E230 50 03"), counter);
  const cipher = createCipheriv("aes-128-gcm", defaultKey, nonce, { authTagLength: 8 });
  const encrypted = Buffer.concat([cipher.update(concatBytes(Uint8Array.of(keyId, 16), NEW_KEY)), cipher.final()]);
  return concatBytes(counter, encrypted, cipher.getAuthTag());
}

describe("the M-Bus client of a simulated meter", () => {
  it("shows the identification number as BCD in class version 0 and as a number in version 1", () => {
    assert.equal(numberAt(meterUnderTest({ profile: "dsmr4.2.2" }).meter, 6), 302_343_985);
    assert.equal(numberAt(meterUnderTest({ profile: "smr5.0.0" }).meter, 6), 12_056_731);
  });

  it("shows manufacturer, version and type of the gas meter, and zeros on an empty channel", () => {
    const { meter } = meterUnderTest();
    assert.deepEqual(
      [7, 8, 9].map((attribute) => numberAt(meter, attribute)),
      [12_514, 66, 3],
    );
    for (const attribute of [5, 6, 7, 8, 9, 14]) {
      assert.equal(asNumber(value(meter, `72/0.2.24.1.0.255/${attribute}`)), 0);
    }
  });

  it("lets a client write the identity of a device", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, "72/0.2.24.1.0.255/6", cosem.doubleLongUnsigned(302_343_985)), "success");
    assert.equal(set(meter, "72/0.2.24.1.0.255/7", cosem.longUnsigned(12_514)), "success");
    assert.equal(asNumber(value(meter, "72/0.2.24.1.0.255/6")), 302_343_985);
  });

  it("deinstalls with an unsigned parameter only, and forgets address and key", () => {
    const { meter } = meterUnderTest();
    assert.equal(invoke(meter, `${CLIENT}/2`, cosem.integer(0)), "type-unmatched");
    assert.equal(numberAt(meter, 5), 1);
    assert.equal(invoke(meter, `${CLIENT}/2`, cosem.unsigned(0)), "success");
    assert.deepEqual(
      [5, 13, 14].map((attribute) => numberAt(meter, attribute)),
      [0, 99, 0],
    );
  });

  it("passes a user key on to the gas meter, and shows it transferred and then set", () => {
    const { meter } = meterUnderTest();
    assert.equal(invoke(meter, `${CLIENT}/8`, cosem.octetString(wrappedBySmr5(0))), "success");
    assert.equal(numberAt(meter, 14), 2);
    assert.deepEqual(gasMeterKeys(meter, 1).user, NEW_KEY);
    assert.equal(invoke(meter, `${CLIENT}/7`, cosem.octetString(NEW_KEY)), "success");
    assert.equal(numberAt(meter, 14), 3);
  });

  it("passes a key on that was wrapped with another default key, but the gas meter does not take it", () => {
    const { meter } = meterUnderTest();
    assert.equal(invoke(meter, `${CLIENT}/8`, cosem.octetString(wrappedBySmr5(0, NEW_KEY))), "success");
    assert.deepEqual(gasMeterKeys(meter, 1), {});
  });

  it("sends the firmware update and optical port keys as M-Bus data", () => {
    const { meter } = meterUnderTest();
    for (const keyId of [1, 2]) {
      const record = [fromHex("0D"), fromHex("FD19"), wrappedBySmr5(keyId)].map(cosem.octetString);
      assert.equal(invoke(meter, `${CLIENT}/6`, cosem.array([cosem.structure(record)])), "success");
    }
    assert.deepEqual(gasMeterKeys(meter, 1), { firmwareUpdateAuthentication: NEW_KEY, opticalPort: NEW_KEY });
  });

  it("unwraps a DSMR 4.2.2 user key with AES-CBC", () => {
    const { meter } = meterUnderTest({ profile: "dsmr4.2.2" });
    const cipher = createCipheriv("aes-128-cbc", DEFAULT_MBUS_KEY, new Uint8Array(16)).setAutoPadding(false);
    const wrapped = new Uint8Array(Buffer.concat([cipher.update(NEW_KEY), cipher.final()]));
    assert.equal(invoke(meter, `${CLIENT}/8`, cosem.octetString(wrapped)), "success");
    assert.deepEqual(gasMeterKeys(meter, 1).user, NEW_KEY);
  });

  it("has no key status in DSMR 2.2", () => {
    const { meter } = meterUnderTest({ profile: "dsmr2.2" });
    assert.deepEqual(get(meter, `${CLIENT}/14`), { error: "read-write-denied" });
  });

  it("clears the bits of a mask from the M-Bus status of SMR 5.1", () => {
    const { meter } = meterUnderTest({ profile: "smr5.1" });
    const name = "0.1.24.2.6.255" as Parameters<Meter["write"]>[1];
    meter.write(4, name, 2, cosem.doubleLongUnsigned(0b1011));
    assert.equal(set(meter, "1/0.1.94.31.10.255/2", cosem.doubleLongUnsigned(0b0011)), "success");
    assert.equal(asNumber(value(meter, "4/0.1.24.2.6.255/2")), 0b1000);
  });
});
