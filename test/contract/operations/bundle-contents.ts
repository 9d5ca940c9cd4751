import { NAMESPACES } from "../../../src/contract/generated/tables.ts";
import type { OPERATION_CASES } from "../../soap/operation-cases.ts";

export const METER = "TEST1024000000001";
export const GAS = "TESTG101205673101";
const PREFIXES = {
  b: "sm-bundle",
  s: "sm-configuration",
  a: "sm-adhoc",
  i: "sm-installation",
  m: "sm-management",
  o: "sm-monitoring",
  c: "common",
} as const;

/** Declarations of the prefixes in contents. */
export const DECLARATIONS = Object.entries(PREFIXES)
  .map(([prefix, name]) => `xmlns:${prefix}="${NAMESPACES[name]}"`)
  .join(" ");

/** Content of an action's element where it is not what the single request has inside its …Data. */
const CONTENTS: Readonly<Record<string, string>> = {
  GetMbusEncryptionKeyStatus: `<s:MbusDeviceIdentification>${GAS}</s:MbusDeviceIdentification>`,
  GetFirmwareVersionGas: `<s:DeviceIdentification>${GAS}</s:DeviceIdentification>`,
  SetAdministrativeStatus: "<s:AdministrativeStatusType>OFF</s:AdministrativeStatusType>",
  GetActualMeterReadsGas: `<o:DeviceIdentification>${GAS}</o:DeviceIdentification>`,
  UpdateFirmware: "<s:FirmwareIdentification>TEST_FW_V1</s:FirmwareIdentification>",
  GetMbusEncryptionKeyStatusByChannel: "<s:Channel>4</s:Channel>",
  CoupleMbusDeviceByChannel: "<i:Channel>2</i:Channel>",
  DecoupleMbusDeviceByChannel: "<i:Channel>2</i:Channel>",
  SetDeviceLifecycleStatusByChannel:
    "<m:DeviceLifecycleStatus>RETURNED_TO_INVENTORY</m:DeviceLifecycleStatus><m:Channel>2</m:Channel>",
};

/** Content of the element of an action, as an ERP sends it. */
export function contentOf({ operation, service, content = "", whole }: (typeof OPERATION_CASES)[number]): string {
  const own = CONTENTS[operation];
  if (own !== undefined) return own;
  const inside = (whole ?? content).replaceAll("$:", `${service}:`);
  // GetSpecificAttributeValue has its data and the device side by side; all others have an element around the data.
  const device =
    operation === "GetPeriodicMeterReadsGas" ? `<o:DeviceIdentification>${GAS}</o:DeviceIdentification>` : "";
  if (whole) return inside.replace(/<\w:DeviceIdentification>.*/, "");
  return inside.replace(/^<[^>]+>/, "").replace(/<\/[^>]+>$/, "") + device;
}
