import assert from "node:assert/strict";
import fc from "fast-check";
import { encodeElement } from "../../../src/contract/codec.ts";
import { fromConfigurationObject } from "../../../src/contract/operations/configuration/get-configuration-object.ts";
import { fromFirmwareVersions } from "../../../src/contract/operations/configuration/get-firmware-version.ts";
import { CONFIGURATION_FLAGS } from "../../../src/operations/configuration-object.ts";

const flags = (...enabled: boolean[]) => enabled.map((on, i) => ({ flag: CONFIGURATION_FLAGS[i]!, enabled: on }));
const namesIn = (object: ReturnType<typeof fromConfigurationObject>) =>
  object.ConfigurationFlags?.ConfigurationFlag.map(({ ConfigurationFlagType }) => ConfigurationFlagType);

describe("a configuration object in a response", () => {
  it("has every flag as long as the schema has room for them", () => {
    const ten = flags(...Array<boolean>(10).fill(false));
    assert.deepEqual(namesIn(fromConfigurationObject({ flags: ten })), CONFIGURATION_FLAGS.slice(0, 10));
  });

  it("leaves out the last flag that is off when a meter has eleven", () => {
    const eleven = flags(true, false, true, true, true, true, true, false, true, true, true);
    const expected = CONFIGURATION_FLAGS.slice(0, 11).filter((name) => name !== "HLS_3_ON_P0_ENABLE");
    assert.deepEqual(namesIn(fromConfigurationObject({ flags: eleven })), expected);
  });

  it("names the flags in an error when more than ten are on", () => {
    const eleven = flags(...Array<boolean>(11).fill(true));
    assert.throws(() => fromConfigurationObject({ flags: eleven }), {
      code: "INTERNAL",
      message: /DIRECT_ATTACH_AT_POWER_ON/,
    });
  });

  it("has no list of flags when the meter named none", () => {
    assert.deepEqual(fromConfigurationObject({ gprsOperationMode: "TRIGGERED", flags: [] }), {
      GprsOperationMode: "TRIGGERED",
    });
  });

  it("fits into the schema and never shows a flag that is on as missing", () => {
    const some = fc.array(fc.boolean(), { maxLength: CONFIGURATION_FLAGS.length }).map((enabled) => flags(...enabled));
    fc.assert(
      fc.property(some, (given) => {
        fc.pre(given.filter(({ enabled }) => enabled).length <= 10);
        const object = fromConfigurationObject({ flags: given });
        encodeElement("sm-configuration:GetConfigurationObjectResponse", { Result: "OK", ConfigurationObject: object });
        const shown = namesIn(object) ?? [];
        for (const { flag, enabled } of given) assert.ok(!enabled || shown.includes(flag));
      }),
    );
  });
});

describe("firmware versions in a response", () => {
  it("are an error of the meter when there is none, because the schema demands one", () => {
    assert.throws(() => fromFirmwareVersions({ versions: [] }), { code: "ILLEGAL_RESPONSE" });
  });
});
