import type { Device } from "../../domain/device.ts";
import type { DeviceEvent } from "../../domain/device-event.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { Family, FindDevice } from "../../domain/family.ts";
import type { ValuesOf } from "../../domain/settings.ts";
import type { Clock } from "../../lib/clock.ts";
import { RELEASES } from "../../smart-energy/commands.ts";
import { HttpClient } from "../../transport/http-client.ts";
import type { AccountParts } from "./accounts.ts";
import { SmartEnergyAdapter } from "./adapter.ts";
import { CloudClient } from "./cloud-client.ts";
import { asSmartEnergyDevice, isGateway } from "./device.ts";
import { Inbox } from "./inbox.ts";
import { SMART_ENERGY_RECORD, SMART_ENERGY_SECRETS } from "./record.ts";
import { SMART_ENERGY_SETTINGS } from "./settings.ts";
import { PROTOCOL, supportMatrix } from "./support.ts";

export interface SmartEnergyParts extends AccountParts {
  readonly clock: Clock;
  readonly config: ValuesOf<typeof SMART_ENERGY_SETTINGS>;
  readonly logger: { warn(context: Record<string, unknown>, text: string): void };
  readonly tell: (event: DeviceEvent) => Promise<unknown>;
}

/** Octets of the largest answer of a cloud: fifty answers of a gateway, with room. */
const MOST_OCTETS = 4 * 1024 * 1024;

/** Gateways of Zigbee Smart Energy that Digi's Device Cloud reaches, and the meters behind them. */
export const SMART_ENERGY = {
  name: "smart-energy",
  title: "Smart Energy",
  protocols: { [PROTOCOL]: RELEASES },
  record: SMART_ENERGY_RECORD,
  secrets: SMART_ENERGY_SECRETS,
  settings: SMART_ENERGY_SETTINGS,
  reachedAt(device: Device) {
    const { smartEnergy, gateway } = asSmartEnergyDevice(device);
    if ("deviceId" in smartEnergy) return `${smartEnergy.cloud} ${smartEnergy.deviceId}`;
    return `${gateway?.device} ${smartEnergy.address}`;
  },
  securedBy: (device: Device) => (isGateway(device) ? "account of the cloud" : undefined),
  explain: (message: Uint8Array) => ({ text: Buffer.from(message).toString("utf8"), isValid: true }),
  support: supportMatrix,
  async route(device: Device, _operation: string, findDevice: FindDevice) {
    if (isGateway(device)) return device;
    const found = device.gateway && (await findDevice(device.gateway.device));
    if (found && found.family === device.family && isGateway(found)) return found;
    const text = `${device.identification} is behind ${device.gateway?.device}, which is no known gateway`;
    throw new MetergateError("UNKNOWN_DEVICE", text);
  },
  open({ clock, config, vault, logger }: SmartEnergyParts) {
    const { smartEnergyTimeoutMs: timeoutMs, smartEnergyExchange } = config;
    const http = new HttpClient({ clock, mostOctets: MOST_OCTETS });
    const inbox = new Inbox({
      tellEvent: async () => {},
      onStray: (deviceId, name) => logger.warn({ deviceId, name }, "a gateway answered what nobody asked"),
    });
    return new SmartEnergyAdapter({
      ...{ client: new CloudClient(http, timeoutMs), inbox, clock, vault, timeoutMs },
      isSynchronous: smartEnergyExchange === "synchronous",
    });
  },
  tasks: () => [],
} satisfies Family<SmartEnergyParts>;
