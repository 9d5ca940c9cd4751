import assert from "node:assert/strict";
import { clientSystemTitle, loadSecurity } from "../../../src/adapters/dlms/credentials.ts";
import type { SecurityFlags } from "../../../src/adapters/dlms/device.ts";
import { toHex } from "../../../src/lib/bytes.ts";
import { TestSecrets, testDevice, withCode } from "./devices.ts";

const KEY = new Uint8Array(16).fill(7);
const ALL = {
  E_METER_ENCRYPTION_KEY_UNICAST: KEY,
  E_METER_AUTHENTICATION_KEY: KEY,
  LLS_PASSWORD: Buffer.from("secret"),
};
const PURPOSE = { purpose: "association" };

const load = (security: Partial<SecurityFlags>, secrets: ConstructorParameters<typeof TestSecrets>[0] = ALL) =>
  loadSecurity(testDevice({ security }), new TestSecrets(secrets), PURPOSE);

describe("our system title", () => {
  it("is three spaces and the serial number of the device in five octets", () => {
    assert.equal(toHex(clientSystemTitle("TEST1024000000001")), "202020059682F001");
    assert.equal(toHex(clientSystemTitle("E00010000000000000")), "2020200000000000");
  });

  it("differs between devices without such a number, and stays the same", () => {
    const titles = ["SIMDMABCDEFGHIJK", "SIMDMABCDEFGHIJL", "TEST1999999999999999"].map((id) =>
      toHex(clientSystemTitle(id)),
    );
    assert.equal(new Set(titles).size, 3);
    for (const title of titles) assert.match(title, /^202020.{10}$/);
    assert.equal(titles[0], toHex(clientSystemTitle("SIMDMABCDEFGHIJK")));
  });
});

describe("the security of an association", () => {
  it("is the strongest that the record has a flag for", async () => {
    assert.equal((await load({})).level, "LLS0");
    assert.equal((await load({ lls1Active: true })).level, "LLS1");
    assert.equal((await load({ lls1Active: true, hls5Active: true, hls3Active: true })).level, "HLS5");
  });

  for (const flag of ["hls3Active", "hls4Active"] as const) {
    it(`is refused for ${flag}`, () =>
      assert.rejects(load({ [flag]: true, lls1Active: true }), withCode("UNSUPPORTED_COMMUNICATION_SETTING")));
  }

  it("needs each key, in full", async () => {
    const { E_METER_AUTHENTICATION_KEY: _, ...withoutAuthentication } = ALL;
    await assert.rejects(
      load({ hls5Active: true }, withoutAuthentication),
      withCode("KEY_NOT_PRESENT", /TEST1024000000001 has no E_METER_AUTHENTICATION_KEY/),
    );
    await assert.rejects(
      load({ lls1Active: true }, { ...ALL, LLS_PASSWORD: new Uint8Array(0) }),
      withCode("KEY_NOT_PRESENT"),
    );
    const short = { ...ALL, E_METER_ENCRYPTION_KEY_UNICAST: KEY.subarray(1) };
    await assert.rejects(
      load({ hls5Active: true }, short),
      withCode("INVALID_DLMS_KEY_FORMAT", /E_METER_ENCRYPTION_KEY_UNICAST.* 15 octets/),
    );
  });

  it("reads no key that it does not need", async () => {
    const secrets = new TestSecrets(ALL);
    await loadSecurity(testDevice({ security: {} }), secrets, PURPOSE);
    assert.deepEqual(secrets.reads, []);
  });

  for (const [challengeLength, works] of [
    [7, false],
    [8, true],
    [64, true],
    [65, false],
  ] as const) {
    it(`${works ? "takes" : "refuses"} a challenge of ${challengeLength} octets`, async () => {
      const loading = loadSecurity(testDevice({ address: { challengeLength } }), new TestSecrets(ALL), PURPOSE);
      if (works) assert.equal((await loading).level, "HLS5");
      else await assert.rejects(loading, withCode("CHALLENGE_LENGTH_OUT_OF_RANGE"));
    });
  }
});
