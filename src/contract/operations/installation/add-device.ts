import { MetergateError } from "../../../domain/errors.ts";
import { toHex } from "../../../lib/bytes.ts";
import { addDevice, type DeviceType, type NewDevice } from "../../../operations/installation/add-device.ts";
import type { smInstallation as wire } from "../../generated/index.ts";
import { inRange } from "../values.ts";
import { done, wireForm } from "../wire-form.ts";

function needed<T>(name: string, value: T | undefined): T {
  if (value !== undefined) return value;
  throw new MetergateError("VALIDATION_ERROR", `AddDevice needs ${name}`);
}

/** Absent fields stay absent: the request is stored as JSON. */
function given<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** An empty element says as much as none. */
function keysOf(device: wire.Device): NewDevice["keys"] {
  const hex = (key: Uint8Array | undefined) => (key && key.length > 0 ? toHex(key) : undefined);
  return given({
    E_METER_MASTER_KEY: hex(device.Master_key),
    E_METER_AUTHENTICATION_KEY: hex(device.Authentication_key),
    E_METER_ENCRYPTION_KEY_UNICAST: hex(device.Global_encryption_unicast_key),
    G_METER_MASTER_KEY: hex(device.Mbus_default_key),
    G_METER_ENCRYPTION_KEY: hex(device.Mbus_user_key),
    G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY: hex(device.Mbus_firmware_update_authentication_key),
    G_METER_OPTICAL_PORT_KEY: hex(device.Mbus_p0_key),
  });
}

/** Supplier, delivery date and manufacturer are the caller's own affair: nothing here depends on them. */
function toNewDevice({ Device: device, DeviceModel, overwrite }: wire.AddDeviceRequest): NewDevice {
  const { protocolName: name, protocolVersion: version } = device;
  const mbus = given({
    identificationNumber: device.Mbus_identification_number,
    manufacturerIdentification: device.Mbus_manufacturer_identification,
    version: device.Mbus_version,
    deviceType: device.Mbus_device_type_identification,
  });
  return {
    // `addDevice` checks it.
    type: needed("Device_type", device.Device_type) as DeviceType,
    protocol: { name: needed("protocolName", name), version: needed("protocolVersion", version) },
    ...given({
      timezone: device.Timezone || undefined,
      model: DeviceModel.ModelCode || undefined,
      communicationMethod: device.Communication_method,
      communicationProvider: device.Communication_provider,
      iccId: device.Icc_id,
      lls1Active: device.Lls1_active,
      hls3Active: device.Hls3_active,
      hls4Active: device.Hls4_active,
      hls5Active: device.Hls5_active,
      mbus: Object.keys(mbus).length > 0 ? mbus : undefined,
      polyphase: device.Polyphase,
      ipAddressIsStatic: device.IpAddressIsStatic,
      withListMax: device.WithListMax,
      selectiveAccessSupported: device.SelectiveAccessSupported,
      port: device.Port === undefined ? undefined : inRange("Port", device.Port, 1, 65_535),
    }),
    challengeLength: device.ChallengeLength,
    keys: keysOf(device),
    overwrite,
  } as NewDevice;
}

export const addDeviceForm = wireForm(addDevice, "sm-installation:AddDevice", {
  device: ({ Device }) => needed("Device_Identification", Device.Device_Identification),
  request: toNewDevice,
  response: done,
});
