import assert from "node:assert/strict";
import { leaf } from "../../src/cli/erp-client.ts";
import { type CosemData, cosem, isBitSet } from "../../src/dlms/data.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { obisToBytes } from "../../src/lib/obis.ts";
import type { KnownOperation } from "../../src/operations/registry.ts";
import {
  adhoc,
  all,
  type Cell,
  configuration,
  envelope,
  groupsOf,
  type MatrixCase,
  type Plain,
  plain,
  requireOk,
} from "./matrix-case.ts";
import { configurationObject } from "./matrix-settings.ts";

const ascii = (text: string) => cosem.octetString(Buffer.from(text, "latin1"));

/** Flags that are on in the meter; beside them every other one that the version knows is named as off. */
const FLAGS_ON = ["DISCOVER_ON_POWER_ON", "PO_ENABLE", "HLS_5_ON_P3_ENABLE", "HLS_5_ON_P0_ENABLE"];
const FLAGS_4_2_2 = [
  ...["DISCOVER_ON_OPEN_COVER", "DISCOVER_ON_POWER_ON", "DYNAMIC_MBUS_ADDRESS", "PO_ENABLE"],
  ...["HLS_3_ON_P3_ENABLE", "HLS_4_ON_P3_ENABLE", "HLS_5_ON_P3_ENABLE"],
  ...["HLS_3_ON_P0_ENABLE", "HLS_4_ON_P0_ENABLE", "HLS_5_ON_P0_ENABLE"],
];
const FLAGS_5 = [
  ...["DISCOVER_ON_OPEN_COVER", "DISCOVER_ON_POWER_ON", "PO_ENABLE", "HLS_5_ON_P3_ENABLE", "HLS_5_ON_P0_ENABLE"],
  ...["DIRECT_ATTACH_AT_POWER_ON", "HLS_6_ON_P3_ENABLE", "HLS_7_ON_P3_ENABLE", "HLS_6_ON_P0_ENABLE"],
  "HLS_7_ON_P0_ENABLE",
];

/** SMR 4.3 has direct attach besides those of 4.2.2; a response has room for ten, and one that is off is left out. */
const flagsOf = ({ isSmr5 }: Cell) => (isSmr5 ? FLAGS_5 : FLAGS_4_2_2);

const getConfigurationObject: MatrixCase = {
  document: ({ device }) => configuration("GetConfigurationObject", device),
  arrange: (cell) => cell.write("1/0.1.94.31.3.255/2", configurationObject(cell, 2, "5240")),
  check: (answer, cell) => {
    requireOk(answer);
    assert.equal(leaf(answer, "GprsOperationMode"), cell.isSmr5 ? undefined : "TRIGGERED");
    assert.deepEqual(all(answer, "ConfigurationFlagType"), flagsOf(cell));
    const on = all(answer, "Enabled").map((enabled) => enabled === "true");
    assert.deepEqual(
      flagsOf(cell).filter((_, i) => on[i]),
      FLAGS_ON,
    );
  },
};

const getAdministrativeStatus: MatrixCase = {
  document: ({ device }) => configuration("GetAdministrativeStatus", device),
  arrange: (cell) => cell.write("1/0.1.94.31.0.255/2", cosem.enum(1)),
  check: (answer) => assert.equal(leaf(answer, "Enabled"), "OFF", answer.xml),
};

/** Module types with the object that holds their version. */
const MODULES = [
  ["ACTIVE_FIRMWARE", "1.0.0.2.0.255"],
  ["MODULE_ACTIVE_FIRMWARE", "1.1.0.2.0.255"],
  ["COMMUNICATION_MODULE_ACTIVE_FIRMWARE", "1.2.0.2.0.255"],
  ["M_BUS_DRIVER_ACTIVE_FIRMWARE", "1.4.0.2.0.255"],
] as const;
const modulesOf = ({ isSmr5 }: Cell) => MODULES.slice(0, isSmr5 ? 4 : 3);

const getFirmwareVersion: MatrixCase = {
  document: ({ device }) => configuration("GetFirmwareVersion", device),
  // Some meters fill up with zeros.
  arrange: (cell) => {
    for (const [module, name] of modulesOf(cell)) cell.write(`1/${name}/2`, ascii(`${module} of ${cell.version}\0\0`));
  },
  check: (answer, cell) => {
    requireOk(answer);
    const modules = modulesOf(cell).map(([module]) => module);
    assert.deepEqual(all(answer, "FirmwareModuleType"), modules);
    assert.deepEqual(
      all(answer, "Version"),
      modules.map((module) => `${module} of ${cell.version}`),
    );
  },
};

const getFirmwareVersionGas: MatrixCase = {
  document: ({ gasMeter }) => configuration("GetFirmwareVersionGas", gasMeter),
  arrange: (cell) => cell.write("4/0.1.24.2.11.255/2", cosem.octetString(fromHex("0A400011"))),
  check: (answer) => {
    requireOk(answer);
    assert.equal(leaf(answer, "FirmwareModuleType"), "SIMPLE_VERSION_INFO");
    assert.equal(leaf(answer, "Version")?.toUpperCase(), "0A400011");
  },
};

const KEY_STATUS = "72/0.1.24.1.0.255/14";
const getMbusEncryptionKeyStatus: MatrixCase = {
  document: ({ gasMeter }) => configuration("GetMbusEncryptionKeyStatus", gasMeter),
  arrange: (cell) => cell.write(KEY_STATUS, cosem.enum(2)),
  check: (answer) => assert.equal(leaf(answer, "EncryptionKeyStatus"), "ENCRYPTION_KEY_TRANSFERRED", answer.xml),
};

export const keyStatusByChannel = (device: string, channel: number) =>
  envelope(
    "<s:GetMbusEncryptionKeyStatusByChannelRequest>" +
      `<s:GatewayDeviceIdentification>${device}</s:GatewayDeviceIdentification>` +
      `<s:GetMbusEncryptionKeyStatusByChannelRequestData><s:Channel>${channel}</s:Channel>` +
      "</s:GetMbusEncryptionKeyStatusByChannelRequestData></s:GetMbusEncryptionKeyStatusByChannelRequest>",
  );
const getMbusEncryptionKeyStatusByChannel: MatrixCase = {
  document: ({ device }) => keyStatusByChannel(device, 1),
  arrange: (cell) => cell.write(KEY_STATUS, cosem.enum(3)),
  check: (answer) =>
    assert.equal(leaf(answer, "EncryptionKeyStatus"), "ENCRYPTION_KEY_SET_AND_TRANSFERRED", answer.xml),
};

const getSpecificAttributeValue: MatrixCase = {
  document: ({ device }) =>
    envelope(
      `<a:GetSpecificAttributeValueRequest><a:ClassId>3</a:ClassId><a:Attribute>2</a:Attribute><a:ObisCode>${groupsOf("1.0.1.8.0.255")}` +
        `</a:ObisCode><a:DeviceIdentification>${device}</a:DeviceIdentification></a:GetSpecificAttributeValueRequest>`,
    ),
  arrange: (cell) => cell.write("3/1.0.1.8.0.255/2", cosem.doubleLongUnsigned(4_000_000_000)),
  check: (answer) => {
    requireOk(answer);
    const text = leaf(answer, "AttributeValueData");
    const expected = "DataObject: Choice=DOUBLE_LONG_UNSIGNED, ResultData isNumber, value=[java.lang.Long]: 4000000000";
    assert.equal(text, expected);
  },
};

interface OutputObject {
  readonly "class-id": number;
  readonly obis: string;
  readonly attributes: readonly { readonly id: number; readonly value: unknown }[];
}

/** A value as the output shows it: as `plain`, but bits are 0 and 1. */
function inOutput(data: CosemData): Plain {
  if (data.type === "array" || data.type === "structure") return data.value.map(inOutput);
  if (data.type !== "bit-string") return plain(data);
  return Array.from({ length: data.value.length }, (_, i) => Number(isBitSet(data.value, i))).join("");
}

/** The time, the invocation counter, energy, gas, capture times and the rows of profiles go on by themselves. */
const MOVING =
  /^(8\/0\.0\.1\.0\.0\.255\/2|1\/0\.0\.43\.1\.0\.255\/2|3\/1\.0\.[12]\.8\..*\/2|4\/.*\/[25]|7\/.*\/2|47\/.*\/8)$/;

const getAllAttributeValues: MatrixCase = {
  document: ({ device }) => adhoc("GetAllAttributeValues", device),
  check: (answer, cell) => {
    requireOk(answer);
    const objects = JSON.parse(leaf(answer, "Output") ?? "") as readonly OutputObject[];
    assert.deepEqual(namesOf(objects.map((one) => [one["class-id"], one.obis])), objectsOf(cell));
    const values = objects.flatMap((one) =>
      one.attributes.map(({ id, value }) => [`${one["class-id"]}/${one.obis}/${id}`, value] as const),
    );
    const expected = ([attribute, value]: readonly [string, unknown]) =>
      MOVING.test(attribute) && value !== undefined ? value : inOutput(cell.data(attribute));
    assert.deepEqual(
      values,
      values.map((one) => [one[0], expected(one)]),
    );
  },
};

const namesOf = (objects: readonly (readonly [number, string])[]) =>
  objects.map(([classId, name]) => `${classId}/${name}`).sort();
/** Every object of the meter as class and logical name. */
const objectsOf = ({ meter }: Cell) =>
  namesOf([...meter.meter.profile.objects.values()].map(({ classId, logicalName }) => [classId, logicalName]));

const getAssociationLnObjects: MatrixCase = {
  document: ({ device }) => adhoc("GetAssociationLnObjects", device),
  check: (answer, { meter }) => {
    requireOk(answer);
    const objects = [...meter.meter.profile.objects.values()];
    const shown = (name: string) => all(answer, name);
    assert.deepEqual(
      shown("ClassId"),
      objects.map(({ classId }) => String(classId)),
    );
    assert.deepEqual(
      shown("Version"),
      objects.map(({ version }) => String(version)),
    );
    assert.deepEqual(
      shown("LogicalName").map((name) => name.toUpperCase()),
      objects.map(({ logicalName }) => toHex(obisToBytes(logicalName))),
    );
    // Attribute 1, the logical name, is one of every object besides those of its own.
    assert.deepEqual(shown("AttributeId"), objects.flatMap(({ attributes }) => [1, ...attributes.keys()]).map(String));
    assert.deepEqual(shown("MethodId"), objects.flatMap(({ methods }) => [...methods.keys()]).map(String));
  },
};

/** What attribute 6 holds for the device 12056731: BCD up to SMR 4.3, the plain number from SMR 5 on. */
/** Operations that answer with what the meter holds. */
export const READS = {
  GetConfigurationObject: getConfigurationObject,
  GetMbusEncryptionKeyStatus: getMbusEncryptionKeyStatus,
  GetMbusEncryptionKeyStatusByChannel: getMbusEncryptionKeyStatusByChannel,
  GetAdministrativeStatus: getAdministrativeStatus,
  GetFirmwareVersion: getFirmwareVersion,
  GetFirmwareVersionGas: getFirmwareVersionGas,
  GetSpecificAttributeValue: getSpecificAttributeValue,
  GetAllAttributeValues: getAllAttributeValues,
  GetAssociationLnObjects: getAssociationLnObjects,
} satisfies { readonly [N in KnownOperation]?: MatrixCase };
