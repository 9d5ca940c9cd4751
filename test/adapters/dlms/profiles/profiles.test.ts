import assert from "node:assert/strict";
import { DLMS } from "../../../../src/adapters/dlms/family.ts";
import { findObject, findProfile, hasObject, PROFILES, tagOf } from "../../../../src/adapters/dlms/profiles/index.ts";
import { MetergateError } from "../../../../src/domain/errors.ts";
import { parseObis } from "../../../../src/lib/obis.ts";

const profile = (name: string, version: string) => findProfile({ name, version });

describe("DLMS profiles", () => {
  it("exist for every protocol and version that a device may have", () => {
    assert.deepEqual(DLMS.protocols, { DSMR: ["2.2", "4.2.2"], SMR: ["4.3", "5.0.0", "5.1", "5.2", "5.5"] });
    for (const [name, versions] of Object.entries(DLMS.protocols)) {
      for (const version of versions) assert.deepEqual(profile(name, version).protocol, { name, version });
    }
  });

  it("refuse a version that nobody described, naming those there are", () => {
    assert.throws(
      () => profile("SMR", "6.0"),
      (error: MetergateError) =>
        error.code === "UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT" && /SMR 6\.0.*SMR 5\.5/.test(error.message),
    );
  });

  it("hold OBIS codes only, under a tag and an address that are theirs alone", () => {
    for (const { objects, protocol } of PROFILES) {
      const addresses = [...objects.values()].map(({ classId, logicalName }) => `${classId}/${logicalName}`);
      assert.equal(new Set(addresses).size, addresses.length, JSON.stringify(protocol));
      for (const { logicalName } of objects.values()) parseObis(logicalName.replace("x", "1"));
    }
  });

  it("have the objects of one version and not those of a later one", () => {
    const versions = PROFILES.map(({ protocol }) => protocol.version);
    const from = (tag: Parameters<typeof hasObject>[1], attribute?: number) =>
      versions.filter((_, i) => hasObject(PROFILES[i]!, tag, attribute)).join(" ");
    assert.equal(from("CLOCK"), "2.2 4.2.2 4.3 5.0.0 5.1 5.2 5.5");
    assert.equal(from("ADMINISTRATIVE_IN_OUT"), "4.2.2 4.3 5.0.0 5.1 5.2 5.5");
    assert.equal(from("CDMA_DIAGNOSTIC"), "4.3 5.0.0 5.1 5.2 5.5");
    assert.equal(from("MBUS_DRIVER_ACTIVE_FIRMWARE_IDENTIFIER"), "5.0.0 5.1 5.2 5.5");
    assert.equal(from("DAILY_VALUES_COMBINED"), "2.2 4.2.2 4.3");
    assert.equal(from("PHASE_OUTAGE_TEST"), "5.1 5.2 5.5");
    assert.equal(from("ALARM_FILTER_2"), "5.2 5.5");
    assert.equal(from("THD_VALUE_THRESHOLD"), "5.2 5.5");
    assert.equal(from("PUSH_SETUP_UDP"), "5.5");
    assert.equal(from("MBUS_CLIENT_SETUP", 14), "4.2.2 4.3 5.0.0 5.1 5.2 5.5");
  });

  it("say where an object is, on the channel that is asked for", () => {
    assert.deepEqual(findObject(profile("SMR", "5.1"), "MBUS_CLIENT_SETUP", 3), {
      classId: 72,
      version: 1,
      logicalName: "0.3.24.1.0.255",
    });
    assert.equal(findObject(profile("DSMR", "4.2.2"), "MBUS_MASTER_VALUE", 1).logicalName, "0.1.24.2.1.255");
    assert.equal(findObject(profile("SMR", "5.0.0"), "MBUS_MASTER_VALUE", 1).logicalName, "0.1.24.2.2.255");
    assert.equal(findObject(profile("SMR", "5.5"), "AVERAGE_ACTIVE_POWER_EXPORT_L2").logicalName, "1.0.42.4.0.255");
    assert.equal(findObject(profile("SMR", "4.3"), "AVERAGE_ACTIVE_POWER_EXPORT_L2").logicalName, "1.0.42.24.0.255");
  });

  it("name an object that is missing and the protocol that lacks it", () => {
    assert.throws(
      () => findObject(profile("DSMR", "2.2"), "PUSH_SETUP_ALARM"),
      new MetergateError(
        "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL",
        "No address found for PUSH_SETUP_ALARM in protocol DSMR 2.2",
      ),
    );
  });

  it("give the tag of an object found in a meter, on whatever channel", () => {
    const smr55 = profile("SMR", "5.5");
    assert.equal(tagOf(smr55, 8, parseObis("0.0.1.0.0.255")), "CLOCK");
    assert.equal(tagOf(smr55, 72, parseObis("0.4.24.1.0.255")), "MBUS_CLIENT_SETUP");
    assert.equal(tagOf(smr55, 72, parseObis("0.5.24.1.0.255")), undefined);
    assert.equal(tagOf(smr55, 1, parseObis("0.0.1.0.0.255")), undefined);
  });
});
