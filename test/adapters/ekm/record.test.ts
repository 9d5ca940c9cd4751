import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { EKM } from "../../../src/adapters/ekm/family.ts";
import { parseDeviceFile } from "../../../src/devices/device-file.ts";
import { FAMILIES } from "../../../src/families.ts";

const GATEWAY = { identification: "EKMGATEWAY000001", family: "ekm", protocol: { name: "PUSH3", version: "1" } };
const METER = {
  ...{ identification: "EKMV400000010002", family: "ekm", protocol: { name: "EKM", version: "v4" } },
  ...{ meterAddress: "000000010002", gateway: { device: GATEWAY.identification } },
};

const parse = (...devices: object[]) => parseDeviceFile(JSON.stringify({ devices }), FAMILIES).devices;

describe("the devices file of EKM gateways and meters", () => {
  it("is as the manual shows it", () => {
    const page = readFileSync(new URL("../../../docs/ekm.md", import.meta.url), "utf8");
    const [, file = ""] = /```json\n([\s\S]*?)```/.exec(page) ?? [];
    const [gateway, meter] = parseDeviceFile(file, FAMILIES).devices;
    assert.deepEqual(
      gateway!.secrets.map(({ type }) => type),
      ["EKM_KEY"],
    );
    assert.equal(Buffer.from(meter!.secrets[0]!.value).toString(), "00000000");
    assert.equal(EKM.reachedAt(gateway!.device), "api.ekmpush.com");
    assert.equal(EKM.reachedAt(meter!.device), "000000010002 behind EKMGATEWAY000001");
    assert.deepEqual([EKM.securedBy(gateway!.device), EKM.securedBy(meter!.device)], ["TLS", undefined]);
  });

  it("takes a simulator on this machine, and no other address in clear or with anything in it but the host", () => {
    const url = (text: string) => parse({ ...GATEWAY, url: text })[0]!.device;
    for (const good of ["https://api.ekmpush.com", "https://10.0.0.1:8443", "http://127.0.0.1:8095"]) {
      assert.equal(EKM.reachedAt(url(good)), new URL(good).host);
    }
    assert.equal(EKM.securedBy(url("http://127.0.0.1:8095")), "none");
    for (const bad of [
      ...["http://api.ekmpush.com", "https://a/b", "https://a?key=b", "https://u:p@a", "ftp://a", "https://"],
    ]) {
      assert.throws(() => url(bad), { code: "VALIDATION_ERROR", message: /devices\[0\]\.url/ }, bad);
      const summed = () => parse({ ...GATEWAY, summaryUrl: bad });
      assert.throws(summed, { code: "VALIDATION_ERROR", message: /devices\[0\]\.summaryUrl/ }, bad);
    }
  });

  it("says what is wrong, and never a value", () => {
    for (const [device, expected] of [
      [{ ...METER, meterAddress: "10002" }, /meterAddress: must be 12 digits/],
      [{ ...METER, gateway: undefined }, /must have meterAddress and gateway \(a meter\), or neither/],
      [{ ...METER, protocol: GATEWAY.protocol }, /protocol: must be EKM with meterAddress/],
      [{ ...METER, url: "https://a" }, /are the gateway's/],
      [{ ...METER, protocol: { name: "EKM", version: "v6" } }, /EKM v3, EKM v4, EKM v5/],
      [{ ...GATEWAY, access: "account-key" }, /mac: is needed/],
      [{ ...GATEWAY, access: "SECRET" }, /access: must be one of: key, key-and-token, account-key/],
      [{ ...GATEWAY, keys: { EKM_METER_PASSWORD: "SECRET" } }, /keys\.EKM_METER_PASSWORD: must be 8 digits/],
      [{ ...GATEWAY, keys: { EKM_KEY: "SECRET KEY" } }, /keys\.EKM_KEY: must be 1 to 256/],
    ] as const) {
      assert.throws(
        () => parse(device),
        (error: Error) => {
          assert.match(error.message, expected);
          assert.doesNotMatch(error.message, /SECRET/);
          return true;
        },
      );
    }
  });
});
