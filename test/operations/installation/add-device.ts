import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sealKey } from "../../../src/devices/platform-keys.ts";
import { type Cell, envelope, recordOf, requireOk } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const ciphertext = (digit: string) => digit.repeat(512);
const key = (element: string, value: string) => `<i:${element}>${value}</i:${element}>`;
const flag = (element: string) => `<i:${element}>true</i:${element}>`;

/** One more meter of the version of the cell. */
const addedMeter = ({ device }: Cell) => device.replace("TEST", "MORE");

export const testCase: TestCase = {
  wire: {
    operation: "AddDevice",
    service: "i",
    whole: (
      "<i:Device><i:Device_Identification>TEST1024000000001</i:Device_Identification>" +
      "<i:Device_type>SMART_METER_E</i:Device_type><i:Timezone>Europe/Paris</i:Timezone>" +
      "<i:Communication_method>LTE</i:Communication_method><i:Communication_provider>KPN</i:Communication_provider>" +
      "<i:Icc_id>8931</i:Icc_id><i:protocolName>SMR</i:protocolName><i:protocolVersion>5.2</i:protocolVersion>" +
      "<i:protocolVariant>CDMA</i:protocolVariant><i:Supplier>S</i:Supplier><i:Lls1_active>false</i:Lls1_active>" +
      flag("Hls5_active") +
      key("Master_key", ciphertext("1")) +
      key("Global_encryption_unicast_key", ciphertext("2")) +
      key("Authentication_key", ciphertext("3")) +
      "<i:Delivery_date>2026-03-01T00:00:00Z</i:Delivery_date><i:Mbus_default_key/>" +
      flag("Polyphase") +
      flag("IpAddressIsStatic") +
      `<i:WithListMax>32</i:WithListMax>${flag("SelectiveAccessSupported")}<i:ChallengeLength>16</i:ChallengeLength>` +
      "<i:Port>4059</i:Port></i:Device><i:DeviceModel><i:Manufacturer>SIM</i:Manufacturer><i:ModelCode>SIM-1</i:ModelCode>" +
      "</i:DeviceModel><i:overwrite>true</i:overwrite>"
    ).replaceAll("i:", "$:"),
    request: {
      ...{ type: "SMART_METER_E", protocol: { name: "SMR", version: "5.2" }, timezone: "Europe/Paris", model: "SIM-1" },
      ...{ communicationMethod: "LTE", communicationProvider: "KPN", iccId: "8931", lls1Active: false },
      ...{ hls5Active: true, polyphase: true, ipAddressIsStatic: true, withListMax: 32, port: 4059 },
      ...{ selectiveAccessSupported: true, challengeLength: 16, overwrite: true },
      keys: {
        E_METER_MASTER_KEY: ciphertext("1"),
        E_METER_AUTHENTICATION_KEY: ciphertext("3"),
        E_METER_ENCRYPTION_KEY_UNICAST: ciphertext("2"),
      },
    },
    result: {},
    response: "<Result>OK</Result>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: (cell) => {
        const platformKey = readFileSync(join(cell.world.config.dataDir, "platform-public-key.pem"), "utf8");
        const { authentication, encryptionUnicast, master } = cell.meter.keys;
        const [name, version] = cell.version.split(" ");
        return envelope(
          `<i:AddDeviceRequest><i:Device><i:Device_Identification>${addedMeter(cell)}</i:Device_Identification>` +
            `<i:Device_type>SMART_METER_E</i:Device_type><i:protocolName>${name}</i:protocolName>` +
            `<i:protocolVersion>${version}</i:protocolVersion>${flag("Hls5_active")}` +
            key("Master_key", sealKey(platformKey, master)) +
            key("Global_encryption_unicast_key", sealKey(platformKey, encryptionUnicast)) +
            key("Authentication_key", sealKey(platformKey, authentication)) +
            "<i:Delivery_date>2026-03-01T00:00:00Z</i:Delivery_date><i:ChallengeLength>16</i:ChallengeLength></i:Device>" +
            "<i:DeviceModel><i:Manufacturer>SIM</i:Manufacturer></i:DeviceModel><i:overwrite/></i:AddDeviceRequest>",
        );
      },
      check: async (answer, cell) => {
        requireOk(answer);
        const { protocol } = await recordOf(cell, addedMeter(cell));
        assert.equal(`${protocol.name} ${protocol.version}`, cell.version);
        const { vault } = cell.world.service;
        const kept = await vault.getActive(addedMeter(cell), "E_METER_MASTER_KEY", { purpose: "test" });
        assert.deepEqual(kept, cell.meter.keys.master);
      },
    },
  },
};
