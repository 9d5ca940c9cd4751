import assert from "node:assert/strict";
import { supportMatrix, whyRefused } from "../../../src/adapters/dlms/support.ts";
import { testDevice } from "./devices.ts";

/** Versions an operation is offered for; all seven unless listed. */
const NOT_EVERYWHERE: Record<string, string> = {
  GetAdministrativeStatus: "4.2.2 4.3 5.0.0 5.1 5.2 5.5",
  SetAdministrativeStatus: "4.2.2 4.3 5.0.0 5.1 5.2 5.5",
  GetConfigurationObject: "4.2.2 4.3 5.0.0 5.1 5.2 5.5",
  SetConfigurationObject: "4.2.2 4.3 5.0.0 5.1 5.2 5.5",
  SetPushSetupAlarm: "4.2.2 4.3 5.0.0 5.1 5.2 5.5",
  SetPushSetupSms: "4.2.2 4.3 5.0.0 5.1 5.2 5.5",
  ConfigureDefinableLoadProfile: "4.2.2 4.3 5.0.0 5.1 5.2 5.5",
  SetRandomisationSettings: "4.2.2 4.3 5.0.0 5.1 5.2 5.5",
  GetMbusEncryptionKeyStatus: "4.2.2 4.3 5.0.0 5.1 5.2 5.5",
  GetMbusEncryptionKeyStatusByChannel: "4.2.2 4.3 5.0.0 5.1 5.2 5.5",
  SetKeyOnGMeter: "4.2.2 5.0.0 5.1 5.2 5.5",
  SetMbusUserKeyByChannel: "4.2.2 5.0.0 5.1 5.2 5.5",
  GetFirmwareVersionGas: "5.0.0 5.1 5.2 5.5",
  TestAlarmScheduler: "5.1 5.2 5.5",
  SetThdConfiguration: "5.2 5.5",
  SetPushSetupLastGasp: "5.5",
  SetPushSetupUdp: "5.5",
};
const EVERYWHERE = [
  "SetSpecialDays",
  "SetActivityCalendar",
  "SetAlarmNotifications",
  "GetFirmwareVersion",
  "ReplaceKeys",
  "GenerateAndReplaceKeys",
  "GetKeys",
  "SetClockConfiguration",
  "SynchronizeTime",
  "GetSpecificAttributeValue",
  "GetAllAttributeValues",
  "GetAssociationLnObjects",
  "ScanMbusChannels",
];

describe("the support matrix of DLMS meters", () => {
  const { versions, rows } = supportMatrix();
  const offered = (operation: string) =>
    versions
      .filter((_, i) => rows.find((row) => row.operation === operation)?.supported[i])
      .map((version) => version.split(" ")[1])
      .join(" ");

  for (const [operation, expected] of Object.entries(NOT_EVERYWHERE)) {
    it(`offers ${operation} for ${expected} only`, () => assert.equal(offered(operation), expected));
  }

  it("offers the rest for every version", () => {
    for (const operation of EVERYWHERE) assert.equal(offered(operation), "2.2 4.2.2 4.3 5.0.0 5.1 5.2 5.5", operation);
  });

  const smr = (version: string) => ({ protocol: { name: "SMR", version } });
  const gasMeter = {
    ...testDevice(),
    mbus: { identificationNumber: "12056731", manufacturerIdentification: "LGB", version: 66, deviceType: 3 },
  };

  it("answers for a device's protocol and says why not", () => {
    assert.equal(whyRefused(testDevice(), smr("5.2"), "SetThdConfiguration"), undefined);
    assert.equal(
      whyRefused(testDevice(), smr("5.1"), "SetThdConfiguration"),
      "No address found for THD_VALUE_THRESHOLD in protocol SMR 5.1",
    );
  });

  it("lets an M-Bus device be asked only for what is about itself", () => {
    assert.equal(whyRefused(gasMeter, smr("5.1"), "GetFirmwareVersionGas"), undefined);
    assert.equal(whyRefused(gasMeter, smr("5.1"), "GetMbusEncryptionKeyStatus"), undefined);
    assert.equal(whyRefused(gasMeter, smr("5.1"), "SetSpecialDays"), "SetSpecialDays is not offered for M-Bus devices");
  });

  it("goes by the version of the meter in front of an M-Bus device", () =>
    assert.equal(
      whyRefused(
        { ...gasMeter, ...smr("5.1"), gateway: { device: "E1", channel: 1 } },
        smr("4.3"),
        "GetFirmwareVersionGas",
      ),
      "Simple Version Info not supported by protocol",
    ));
});
