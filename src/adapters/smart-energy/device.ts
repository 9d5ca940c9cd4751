import type { Device } from "../../domain/device.ts";
import type { Release } from "../../smart-energy/commands.ts";
import type { CloudDeviceId } from "../../smart-energy/device-id.ts";
import type { MacText } from "../../smart-energy/values.ts";

/** How a gateway is reached through Device Cloud. */
export interface GatewayAddress {
  /** Address of the cloud without a path: `https://remotemanager.example`. */
  readonly cloud: string;
  /** Of the cloud's account; its password is in the vault. */
  readonly user: string;
  readonly deviceId: CloudDeviceId;
}

/** A meter on the network of the gateway that it names. */
export interface NodeAddress {
  readonly address: MacText;
  /** The one that has what is needed when absent. */
  readonly endpoint?: number | undefined;
}

/** A gateway, or a meter behind one, as the inventory knows it. */
export interface SmartEnergyDevice extends Device {
  readonly smartEnergy: GatewayAddress | NodeAddress;
}

export interface Gateway extends SmartEnergyDevice {
  readonly smartEnergy: GatewayAddress;
}

export function asSmartEnergyDevice(device: Device): SmartEnergyDevice {
  return device as SmartEnergyDevice;
}

export function isGateway(device: Device): device is Gateway {
  return "deviceId" in asSmartEnergyDevice(device).smartEnergy;
}

export function releaseOf(device: Pick<Device, "protocol">): Release {
  return device.protocol.version as Release;
}

/** The kind of the secret that opens a cloud's account. */
export const CLOUD_PASSWORD = "DEVICE_CLOUD_PASSWORD";
/** That of what the cloud pushes of the gateway. */
export const PUSH_PASSWORD = "DEVICE_CLOUD_PUSH_PASSWORD";
