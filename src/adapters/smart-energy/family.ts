import type { Device } from "../../domain/device.ts";
import type { DeviceReport } from "../../domain/device-report.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { Family, FindDevice } from "../../domain/family.ts";
import type { ValuesOf } from "../../domain/settings.ts";
import type { Clock } from "../../lib/clock.ts";
import { RELEASES } from "../../smart-energy/commands.ts";
import { formatElement } from "../../smart-energy/element.ts";
import { HttpClient } from "../../transport/http-client.ts";
import type { AccountParts } from "./accounts.ts";
import { SmartEnergyAdapter } from "./adapter.ts";
import { CloudClient } from "./cloud-client.ts";
import { asSmartEnergyDevice, isGateway } from "./device.ts";
import { GatewayDirectory, type InventoryPages } from "./directory.ts";
import { readEvent } from "./events.ts";
import type { OperationContext } from "./execution.ts";
import { Inbox } from "./inbox.ts";
import { bufferPoller } from "./poller.ts";
import { pushReceiver } from "./push-receiver.ts";
import { SMART_ENERGY_RECORD, SMART_ENERGY_SECRETS } from "./record.ts";
import { SMART_ENERGY_SETTINGS } from "./settings.ts";
import { PROTOCOL, supportMatrix } from "./support.ts";

export interface SmartEnergyParts extends AccountParts {
  readonly clock: Clock;
  readonly config: ValuesOf<typeof SMART_ENERGY_SETTINGS> & { readonly host: string };
  readonly logger: { warn(context: Record<string, unknown>, text: string): void };
  readonly inventory: InventoryPages;
  readonly reports: { receive(report: DeviceReport): Promise<boolean> } & OperationContext["reports"];
  readonly firmware: OperationContext["firmware"];
}

/** What requests and tasks have in common: an answer may come either way. */
interface Shared {
  readonly http: HttpClient;
  readonly client: CloudClient;
  readonly inbox: Inbox;
  readonly directory: GatewayDirectory;
}

const shared = new WeakMap<SmartEnergyParts, Shared>();

/** Made once for the parts of a service. */
function sharedOf(parts: SmartEnergyParts): Shared {
  const known = shared.get(parts);
  if (known) return known;
  const { clock, config, logger, inventory, reports } = parts;
  const http = new HttpClient({ clock, mostOctets: MOST_OCTETS, mostConnections: MOST_CONNECTIONS });
  const directory = new GatewayDirectory(inventory, clock);
  const inbox = new Inbox({
    async tellEvent(deviceId, element) {
      const gateway = await directory.find(deviceId);
      const event = readEvent(element);
      if (!gateway || !event) return logger.warn({ deviceId }, "an event of a gateway that is not known");
      const { kind, content, atMs = clock.now() } = event;
      const message = Buffer.from(formatElement(element));
      await reports.receive({ device: gateway.identification, kind, atMs, content, message });
    },
    onStray: (deviceId, name) => logger.warn({ deviceId, name }, "a gateway answered what nobody waits for"),
  });
  const made = { http, directory, inbox, client: new CloudClient(http, config.smartEnergyTimeoutMs) };
  shared.set(parts, made);
  return made;
}

/** Octets of the largest answer of a cloud: fifty answers of a gateway, with room. */
const MOST_OCTETS = 4 * 1024 * 1024;
/** All gateways are behind one or two clouds, and each may keep a connection for as long as it is waited for. */
const MOST_CONNECTIONS = 512;

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
  vocabulary: {
    set_time: "SynchronizeTime",
    "write_attributes: Time cluster": "SetClockConfiguration",
    "read_attributes: registers of the Metering cluster": "GetActualMeterReads",
    "read_attributes: status of the Metering cluster": "ReadAlarmRegister",
    "SCI update_firmware": "UpdateFirmware",
    DeviceCore: "GetFirmwareVersion",
  },
  async route(device: Device, _operation: string, findDevice: FindDevice) {
    if (isGateway(device)) return device;
    const found = device.gateway && (await findDevice(device.gateway.device));
    if (found && found.family === device.family && isGateway(found)) return found;
    const text = `${device.identification} is behind ${device.gateway?.device}, which is no known gateway`;
    throw new MetergateError("UNKNOWN_DEVICE", text);
  },
  open(parts: SmartEnergyParts) {
    const { client, inbox, http } = sharedOf(parts);
    const { clock, vault, reports, firmware, config } = parts;
    return new SmartEnergyAdapter({
      ...{ client, inbox, clock, vault, reports, firmware, timeoutMs: config.smartEnergyTimeoutMs },
      isSynchronous: config.smartEnergyExchange === "synchronous",
      closeHttp: () => http.close(),
    });
  },
  tasks(parts: SmartEnergyParts) {
    const { clock, vault, logger, config } = parts;
    const { client, inbox, directory } = sharedOf(parts);
    const { smartEnergyPollMs: everyMs, smartEnergyTimeoutMs: timeoutMs, smartEnergyPushPort: port, host } = config;
    const common = { clock, vault, logger, inbox, directory };
    return [
      ...(everyMs > 0 ? [bufferPoller({ ...common, client, everyMs, timeoutMs })] : []),
      ...(config.smartEnergyPushEnabled ? [pushReceiver({ ...common, host, port })] : []),
    ];
  },
} satisfies Family<SmartEnergyParts>;
