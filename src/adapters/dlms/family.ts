import type { Device } from "../../domain/device.ts";
import type { Family } from "../../domain/family.ts";
import type { ValuesOf } from "../../domain/settings.ts";
import type { NewDevice } from "../../operations/installation/add-device.ts";
import { HttpClient } from "../../transport/http-client.ts";
import { DlmsAdapter, type DlmsAdapterParts } from "./adapter.ts";
import { toRecord } from "./added-device.ts";
import { explainKept } from "./apdu-trace.ts";
import { asDlmsDevice } from "./device.ts";
import { namesItself } from "./firmware-file.ts";
import type { KeyPorts } from "./key-ports.ts";
import type { DeviceRecords } from "./ports.ts";
import { PROFILES, type Profile } from "./profiles/index.ts";
import { PushSenders, type SenderRecords } from "./pushes/senders.ts";
import { type PushParts, pushListener } from "./pushes/task.ts";
import { DLMS_RECORD, DLMS_SECRETS } from "./record.ts";
import { routeTo } from "./route.ts";
import { DLMS_SETTINGS } from "./settings.ts";
import { supportMatrix } from "./support.ts";
import { HttpSessionProvider } from "./wake-up/http-session-provider.ts";
import { readProvidersFile } from "./wake-up/providers-file.ts";
import { WakeUps } from "./wake-up/wake-ups.ts";

/** What the service gives; the inventory keeps what a conversation teaches about a device. */
export interface DlmsParts extends Pick<DlmsAdapterParts, "counters" | "firmware" | "messages" | "clock" | "random"> {
  readonly vault: KeyPorts["vault"];
  readonly keyProcessing: KeyPorts["keyProcessing"];
  readonly platformKeys: KeyPorts["platformKeys"];
  readonly inventory: KeyPorts["inventory"] & InventoryRecords & SenderRecords;
  readonly config: ValuesOf<typeof DLMS_SETTINGS> & { readonly host: string };
  readonly logger: PushParts["logger"];
  readonly tell: PushParts["tell"];
  readonly refuse: PushParts["refuse"];
}

/** The part of the inventory in which what was learnt is kept. */
export interface InventoryRecords extends Pick<DeviceRecords, "setTimezone" | "couple"> {
  setFirmwareVersions(
    device: string,
    versions: readonly { readonly module: string; readonly version: string }[],
  ): Promise<void>;
  change(identification: string, change: (device: Device) => Device): Promise<void>;
}

export function recordsIn(inventory: InventoryRecords, logger: Pick<PushParts["logger"], "warn">): DeviceRecords {
  return {
    setTimezone: (device, timezone) => inventory.setTimezone(device, timezone),
    learnFirmwareVersions(device, versions) {
      const lost = (err: unknown) => logger.warn({ err, device }, "firmware versions that were read could not be kept");
      inventory.setFirmwareVersions(device, versions).catch(lost);
    },
    couple: (device, gateway, correlationUid) => inventory.couple(device, gateway, correlationUid),
    setLifecycleStatus: (device, lifecycleStatus) =>
      inventory.change(device, (known) => ({ ...known, lifecycleStatus })),
    setCommunication: (device, settings) =>
      inventory.change(device, (known) => ({ ...known, dlms: { ...asDlmsDevice(known).dlms, ...settings } })),
    setSecurity: (device, flags) =>
      inventory.change(device, (known) => ({ ...known, security: { ...asDlmsDevice(known).security, ...flags } })),
  };
}

const wakeUps = new WeakMap<DlmsParts, WakeUps>();

/**
 * What the adapter waits in and the listener wakes: one for both, which are made of the same parts.
 * @throws MetergateError VAULT_UNREADABLE
 */
function wakeUpsOf(parts: DlmsParts): WakeUps {
  const known = wakeUps.get(parts);
  if (known) return known;
  const { config, clock } = parts;
  const http = new HttpClient({ clock });
  const accounts = config.sessionProvidersFile === undefined ? [] : readProvidersFile(config.sessionProvidersFile);
  const providers = [...accounts].map(
    ([name, account]) => [name, new HttpSessionProvider(name, account, http)] as const,
  );
  const made = new WakeUps(new Map(providers), clock);
  wakeUps.set(parts, made);
  return made;
}

/** Protocols, each with the versions that there is a profile of. */
function versionsOf(profiles: readonly Profile[]): Record<string, string[]> {
  const names = new Set(profiles.map(({ protocol }) => protocol.name));
  const versions = (name: string) => profiles.filter(({ protocol }) => protocol.name === name);
  return Object.fromEntries([...names].map((name) => [name, versions(name).map(({ protocol }) => protocol.version)]));
}

/** DLMS/COSEM meters, and the M-Bus devices behind them. */
export const DLMS = {
  name: "dlms",
  title: "DLMS",
  protocols: versionsOf(PROFILES),
  record: DLMS_RECORD,
  toRecord: (described: NewDevice, known: Device | undefined) => toRecord(described, known && asDlmsDevice(known)),
  secrets: DLMS_SECRETS,
  settings: DLMS_SETTINGS,
  reachedAt(device: Device) {
    const { dlms, gateway } = asDlmsDevice(device);
    if (dlms) return dlms.host === undefined ? "address not known" : `${dlms.host}:${dlms.port}`;
    return gateway ? `${gateway.device} channel ${gateway.channel}` : "not coupled";
  },
  securedBy(device: Device) {
    const { dlms, security } = asDlmsDevice(device);
    if (!dlms) return undefined;
    const { hls5Active, hls4Active, hls3Active, lls1Active } = security;
    return hls5Active ? "HLS5" : hls4Active ? "HLS4" : hls3Active ? "HLS3" : lls1Active ? "LLS1" : "none";
  },
  explain: explainKept,
  support: supportMatrix,
  namesItself,
  route: routeTo,
  open(given: DlmsParts) {
    const { vault, keyProcessing, platformKeys, inventory, config, ...parts } = given;
    return new DlmsAdapter({
      ...parts,
      timeouts: config,
      records: recordsIn(inventory, parts.logger),
      keys: { vault, keyProcessing, platformKeys, inventory },
      wakeUps: wakeUpsOf(given),
    });
  },
  tasks(given: DlmsParts) {
    const { config, clock, logger, tell, refuse, inventory, vault } = given;
    const { host, alarmPort: port, alarmsEnabled } = config;
    if (!alarmsEnabled) return [];
    const senders = new PushSenders(inventory, vault);
    const wakeUps = wakeUpsOf(given);
    const announce = (device: string, address: string) => wakeUps.announce(device, address);
    return [pushListener({ host, port, senders, clock, logger, tell, refuse, announce })];
  },
} satisfies Family<DlmsParts>;
