import assert from "node:assert/strict";
import { readDevice } from "../../src/store/device-record.ts";
import { readNetworks } from "../../src/store/notifications.ts";

describe("a stored value", () => {
  it("of an origin's networks that is no list of texts opens nothing and is shown as it is", () => {
    assert.deepEqual(readNetworks('["10.0.0.0/8"]'), ["10.0.0.0/8"]);
    for (const spoilt of ["", "{}", "null", "[1]", '["10.0.0.0/8"']) assert.deepEqual(readNetworks(spoilt), [spoilt]);
  });

  it("of a device is read when it is that device's record, and otherwise not at all", () => {
    const device = {
      identification: "E1",
      family: "dlms",
      protocol: { name: "SMR", version: "5.0.0" },
      timezone: "UTC",
    };
    const read = (record: string, identification = "E1") => readDevice({ identification, record });
    assert.deepEqual(read(JSON.stringify(device)), device);
    assert.equal(read(JSON.stringify(device), "E2"), undefined);
    const spoilt = ["", "{", "[]", "null", '"E1"', JSON.stringify({ ...device, protocol: null })];
    for (const record of spoilt) assert.equal(read(record), undefined, record);
  });
});
