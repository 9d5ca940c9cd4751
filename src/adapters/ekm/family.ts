import type { Device } from "../../domain/device.ts";
import type { Family } from "../../domain/family.ts";
import type { DeviceMessages, MeterRecords, PlatformKeys, SecretVault } from "../../domain/family-ports.ts";
import type { ValuesOf } from "../../domain/settings.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { HttpClient } from "../../transport/http-client.ts";
import { openWebSocket } from "../../transport/web-socket.ts";
import { EkmAdapter } from "./adapter.ts";
import { EKM_VERSIONS, GATEWAY_PROTOCOL, isGateway, isMeter, METER_PROTOCOL } from "./device.ts";
import { explainKept } from "./message-trace.ts";
import { EKM_RECORD, EKM_SECRETS } from "./record.ts";
import { EKM_SETTINGS } from "./settings.ts";
import { supportMatrix } from "./support.ts";

/** What the service gives. */
export interface EkmParts {
  readonly vault: SecretVault;
  readonly platformKeys: Pick<PlatformKeys, "openSecret">;
  readonly inventory: MeterRecords;
  readonly messages: DeviceMessages;
  readonly clock: Clock;
  readonly random: Random;
  readonly config: ValuesOf<typeof EKM_SETTINGS>;
}

/** Octets of an answer: a thousand readings have some millions. */
const MOST_OCTETS = 8 * 1024 * 1024;
/** A stream for each gateway that is commanded, some that were lately, and requests beside them. */
const MOST_CONNECTIONS = 2048;

/** EKM meters, behind Push3 gateways. */
export const EKM = {
  name: "ekm",
  title: "EKM",
  protocols: { [METER_PROTOCOL]: EKM_VERSIONS, [GATEWAY_PROTOCOL]: ["1"] },
  record: EKM_RECORD,
  secrets: EKM_SECRETS,
  settings: EKM_SETTINGS,
  reachedAt(device: Device) {
    if (isGateway(device)) return new URL(device.ekm.url).host;
    return isMeter(device) ? `${device.ekm.meterAddress} behind ${device.gateway.device}` : "";
  },
  securedBy(device: Device) {
    if (!isGateway(device)) return undefined;
    return device.ekm.url.startsWith("https:") ? "TLS" : "none";
  },
  explain: explainKept,
  support: supportMatrix,
  vocabulary: {
    "GET /readMeter": "ReadMeter",
    "GET /summary: days and months": "GetPeriodicMeterReads",
    "SetMeterPassword, of random digits": "GenerateAndReplaceKeys",
  },
  open({ inventory, config, ...parts }: EkmParts) {
    const { clock } = parts;
    const http = new HttpClient({ clock, mostOctets: MOST_OCTETS, mostConnections: MOST_CONNECTIONS });
    const hasSeasonCommand = config.ekmSeasonCommand;
    const transport = { http, openWebSocket: openWebSocket(clock), closeHttp: () => http.close() };
    return new EkmAdapter({ ...parts, ...transport, records: inventory, hasSeasonCommand, timeouts: config });
  },
  tasks: () => [],
} satisfies Family<EkmParts>;
