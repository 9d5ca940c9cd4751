import assert from "node:assert/strict";
import { constants, createHash, generateKeyPairSync, privateDecrypt } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ApplicationKeys } from "../../src/devices/application-keys.ts";
import { sealKey } from "../../src/devices/platform-keys.ts";
import { cosem } from "../../src/dlms/data.ts";
import type { SecretType } from "../../src/domain/device.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import type { KnownOperation } from "../../src/operations/registry.ts";
import { imageTransfer } from "../../src/simulators/dlms/behaviours.ts";
import { receivedImage } from "../../src/simulators/dlms/classes/image-transfer.ts";
import { gasMeterKeys } from "../../src/simulators/dlms/mbus-keys.ts";
import type { World } from "./harness.ts";
import { all, type Cell, configuration, type MatrixCase, requireOk } from "./matrix-case.ts";

/** The key pair of the application in the headers of the requests. */
const APPLICATION = generateKeyPairSync("rsa", { modulusLength: 2048 });

/** Makes the service know the firmware and the application of these cases. */
export async function prepareKeysAndFirmware({ service: { store } }: World): Promise<void> {
  const publicKey = APPLICATION.publicKey.export({ format: "der", type: "spki" });
  await new ApplicationKeys(store.devices).add("test-org", "ERP", publicKey, "the application's key");
  await store.firmware.put(FIRMWARE, 0, []);
}

/** Five blocks of the simulated meters, the last one shorter. */
const IMAGE = Uint8Array.from({ length: 1000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
const FIRMWARE = {
  identification: "MATRIX_1_0",
  image: IMAGE,
  sha256: createHash("sha256").update(IMAGE).digest("hex"),
  imageIdentifier: Uint8Array.from(Buffer.from("MATRIX-1")),
  models: ["SIM-1"],
};

const updateFirmware: MatrixCase = {
  document: ({ device }) =>
    configuration("UpdateFirmware", device, "<s:FirmwareIdentification>MATRIX_1_0</s:FirmwareIdentification>"),
  arrange: ({ meter }) => meter.behaviours.add(imageTransfer({ blockLoss: 0.3, activationMs: 0 })),
  check: async (answer, cell) => {
    requireOk(answer);
    assert.equal(toHex(receivedImage(cell.meter.meter)), toHex(IMAGE));
    const shown = [1000, toHex(FIRMWARE.imageIdentifier), toHex(IMAGE.subarray(0, 4))];
    assert.deepEqual(cell.read("18/0.0.44.0.0.255/7"), [shown]);
    // Activation successful.
    assert.equal(cell.read("18/0.0.44.0.0.255/6"), 6);
    const { store } = cell.world.service;
    assert.equal(await store.firmware.transfer(cell.device), undefined);
  },
};

const NEW_KEYS = {
  authentication: fromHex("A1A2A3A4A5A6A7A8A9AAABACADAEAFB0"),
  encryptionUnicast: fromHex("E1E2E3E4E5E6E7E8E9EAEBECEDEEEFF0"),
};

/** What the vault holds as in use. */
const vaultKey = ({ world }: Cell, device: string, type: SecretType) =>
  world.service.vault.getActive(device, type, { purpose: "test", correlationUid: "test" });

/** The vault and the meter must agree, or the meter is lost. */
async function requireSameKeys(cell: Cell): Promise<void> {
  const { keys } = cell.meter;
  assert.deepEqual(await vaultKey(cell, cell.device, "E_METER_AUTHENTICATION_KEY"), keys.authentication);
  assert.deepEqual(await vaultKey(cell, cell.device, "E_METER_ENCRYPTION_KEY_UNICAST"), keys.encryptionUnicast);
}

const replaceKeys: MatrixCase = {
  document: ({ world, device }) => {
    const platformKey = readFileSync(join(world.config.dataDir, "platform-public-key.pem"), "utf8");
    const { authentication, encryptionUnicast } = NEW_KEYS;
    return configuration(
      "ReplaceKeys",
      device,
      `<s:SetKeysRequestData><s:AuthenticationKey>${sealKey(platformKey, authentication)}</s:AuthenticationKey>` +
        `<s:EncryptionKey>${sealKey(platformKey, encryptionUnicast)}</s:EncryptionKey></s:SetKeysRequestData>`,
    );
  },
  check: async (answer, cell) => {
    requireOk(answer);
    const { authentication, encryptionUnicast } = cell.meter.keys;
    assert.deepEqual({ authentication, encryptionUnicast }, NEW_KEYS);
    await requireSameKeys(cell);
  },
};

const keysBefore = new WeakMap<object, Cell["meter"]["keys"]>();
const generateAndReplaceKeys: MatrixCase = {
  document: ({ device }) => configuration("GenerateAndReplaceKeys", device),
  arrange: ({ meter }) => void keysBefore.set(meter, meter.keys),
  check: async (answer, cell) => {
    requireOk(answer);
    const before = keysBefore.get(cell.meter)!;
    assert.notDeepEqual(cell.meter.keys.authentication, before.authentication);
    assert.notDeepEqual(cell.meter.keys.encryptionUnicast, before.encryptionUnicast);
    assert.deepEqual(cell.meter.keys.master, before.master);
    await requireSameKeys(cell);
  },
};

const getKeys: MatrixCase = {
  document: ({ device }) =>
    configuration(
      "GetKeys",
      device,
      "<s:GetKeysData><s:secretTypes>E_METER_MASTER_KEY</s:secretTypes><s:secretTypes>E_METER_AUTHENTICATION_KEY</s:secretTypes>" +
        "<s:secretTypes>E_METER_ENCRYPTION_KEY_UNICAST</s:secretTypes><s:secretTypes>G_METER_MASTER_KEY</s:secretTypes></s:GetKeysData>",
    ),
  check: (answer, { meter: { keys } }) => {
    const padding = constants.RSA_PKCS1_OAEP_PADDING;
    const opened = all(answer, "secretValue").map(
      (sealed) =>
        sealed && toHex(privateDecrypt({ key: APPLICATION.privateKey, padding, oaepHash: "sha1" }, fromHex(sealed))),
    );
    // An electricity meter has no key of a gas meter.
    const inMeter = [keys.master, keys.authentication, keys.encryptionUnicast].map(toHex);
    assert.deepEqual(opened, [...inMeter, ""]);
  },
};

const KEY_STATUS = "72/0.1.24.1.0.255/14";
/** What happens to the user key of the gas meter on channel 1: it, the meter in front and the vault get the same. */
const userKeyOnGasMeter: Pick<MatrixCase, "arrange" | "check"> = {
  arrange: (cell) => {
    gasMeterKeys(cell.meter.meter, 1).user = new Uint8Array(16);
    cell.write(KEY_STATUS, cosem.enum(0));
  },
  check: async (answer, cell) => {
    requireOk(answer);
    const { user } = gasMeterKeys(cell.meter.meter, 1);
    assert.notDeepEqual(user, new Uint8Array(16));
    assert.deepEqual(user, await vaultKey(cell, cell.gasMeter, "G_METER_ENCRYPTION_KEY"));
    // Set in the meter in front, and transferred to the device.
    assert.equal(cell.read(KEY_STATUS), 3);
  },
};

export const setKeyOnGMeterRequest = (gasMeter: string, type: string) =>
  configuration(
    "SetKeyOnGMeter",
    gasMeter,
    `<s:SetKeyOnGMeterRequestData><s:MbusDeviceIdentification>${gasMeter}</s:MbusDeviceIdentification>` +
      `<s:SecretType>${type}</s:SecretType></s:SetKeyOnGMeterRequestData>`,
  );
const setKeyOnGMeter: MatrixCase = {
  document: ({ gasMeter }) => setKeyOnGMeterRequest(gasMeter, "G_METER_ENCRYPTION_KEY"),
  ...userKeyOnGasMeter,
};

const setMbusUserKeyByChannel: MatrixCase = {
  document: ({ device }) =>
    configuration(
      "SetMbusUserKeyByChannel",
      device,
      "<s:SetMbusUserKeyByChannelRequestData><s:Channel>1</s:Channel></s:SetMbusUserKeyByChannelRequestData>",
    ),
  ...userKeyOnGasMeter,
};

/** Operations on keys and firmware. */
export const KEYS = {
  SetKeyOnGMeter: setKeyOnGMeter,
  SetMbusUserKeyByChannel: setMbusUserKeyByChannel,
  UpdateFirmware: updateFirmware,
  ReplaceKeys: replaceKeys,
  GenerateAndReplaceKeys: generateAndReplaceKeys,
  GetKeys: getKeys,
} satisfies { readonly [N in KnownOperation]?: MatrixCase };
