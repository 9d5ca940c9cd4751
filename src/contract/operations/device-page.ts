import type { Device } from "../../domain/device.ts";
import { mbusOf } from "../../operations/mbus.ts";
import type { ElementTypes, smManagement as wire } from "../generated/index.ts";

/** Media of M-Bus devices (EN 13757-7) that are water, warm, hot, cold and as it comes. */
const WATER: ReadonlySet<number> = new Set([6, 7, 0x15, 0x16]);

function deviceTypeOf(device: Device): string {
  const mbus = mbusOf(device);
  if (!mbus) return "SMART_METER_E";
  return WATER.has(mbus.deviceType) ? "SMART_METER_W" : "SMART_METER_G";
}

/** Schedules and public keys belong to other kinds of devices than meters. */
function fromDevice(device: Device): wire.Device {
  const { identification, lifecycleStatus = "IN_USE" } = device;
  return {
    DeviceUid: identification,
    DeviceIdentification: identification,
    DeviceType: deviceTypeOf(device),
    Activated: lifecycleStatus === "IN_USE",
    HasSchedule: false,
    PublicKeyPresent: false,
  };
}

/** The response to GetDevices: one page, with at least one device, of so many. */
export function fromDevicePage(page: {
  readonly pages: number;
  readonly devices: readonly Device[];
}): ElementTypes["sm-management:GetDevicesResponse"] {
  return { DevicePage: { TotalPages: page.pages, Devices: page.devices.map(fromDevice) } };
}
