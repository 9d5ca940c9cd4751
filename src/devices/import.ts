import { MetergateError } from "../domain/errors.ts";
import type { Family } from "../domain/family.ts";
import type { Clock } from "../lib/clock.ts";
import { evidenceOf } from "../message-log/evidence.ts";
import type { DevicesStore, DeviceToImport, ImportCounts, InventoryToImport } from "../store/devices.ts";
import { type DeviceFile, parseDeviceFile } from "./device-file.ts";
import type { KeyVault } from "./key-vault.ts";

/** Organisations and gateways that stand neither in the file nor in the inventory, by path. */
async function brokenReferences(file: DeviceFile, repository: DevicesStore): Promise<string[]> {
  const organisations = file.devices.flatMap(({ authorisations }) => authorisations.map((right) => right.organisation));
  const gateways = file.devices.flatMap(({ device }) => (device.gateway ? [device.gateway.device] : []));
  const knownOrganisations = await repository.knownOrganisations([...new Set(organisations)]);
  for (const organisation of file.organisations) knownOrganisations.add(organisation);
  const knownDevices = await repository.knownDevices([...new Set(gateways)]);
  for (const { device } of file.devices) knownDevices.add(device.identification);

  return file.devices.flatMap(({ device, authorisations }, i) => [
    ...authorisations
      .filter(({ organisation }) => !knownOrganisations.has(organisation))
      .map(({ organisation }) => `devices[${i}]: organisation ${organisation} is neither in the file nor registered`),
    ...(device.gateway && !knownDevices.has(device.gateway.device)
      ? [`devices[${i}].gateway.device: ${device.gateway.device} is neither in the file nor registered`]
      : []),
  ]);
}

/** Devices in one transaction: others write in between. */
const AT_A_TIME = 100;

/** Devices in an order in which each comes after its gateway. */
function gatewaysFirst<Entry extends DeviceFile["devices"][number]>(entries: readonly Entry[]): Entry[] {
  const ordered: Entry[] = [];
  for (let rest = entries; rest.length > 0; ) {
    const waiting = new Set(rest.map(({ device }) => device.identification));
    const next = rest.filter(({ device }) => !device.gateway || !waiting.has(device.gateway.device));
    // Whoever is its own gateway, by some way round, comes as it stands.
    ordered.push(...(next.length > 0 ? next : rest));
    rest = next.length > 0 ? rest.filter((entry) => !next.includes(entry)) : [];
  }
  return ordered;
}

/** Adds what the log gets: an entry for the organisations and one for each device, with its rights and without its keys. */
function withEvidence(inventory: Omit<InventoryToImport, "evidence">, user: string | undefined): InventoryToImport {
  const { organisations, devices, replaceKeys, nowMs } = inventory;
  const order = { by: "operator", operation: "devices import", user } as const;
  const entries = devices.map(({ device, authorisations, invocationCounter, secrets }) => {
    const keys = secrets.map(({ type }) => type);
    const details = { device, authorisations, invocationCounter, keys, replaceKeys };
    return evidenceOf({ ...order, device: device.identification, details }, nowMs);
  });
  if (organisations.length > 0) entries.unshift(evidenceOf({ ...order, details: { organisations } }, nowMs));
  return { ...inventory, evidence: entries };
}

/**
 * Takes a devices file over. It is checked as a whole before anything is written, and then written some devices at a
 * time, so that a service that runs beside it is not held up: when the database fails on the way, what came before
 * stays, and importing the file again does the rest. Devices that are known are updated; their keys only with
 * `replaceKeys`, because keys that were replaced on the meter since the file was written must not come back.
 * @param content JSON as in docs/devices.md
 * @param parts.user who ordered it, for the log, if it was an operator
 * @throws MetergateError VALIDATION_ERROR with one line per problem; nothing was written then
 */
export async function importDevices(
  content: string,
  parts: {
    families: readonly Family[];
    store: { readonly devices: DevicesStore };
    vault: KeyVault;
    clock: Clock;
    replaceKeys: boolean;
    user?: string;
  },
): Promise<ImportCounts> {
  const file = parseDeviceFile(content, parts.families);
  const { vault, clock, replaceKeys, user } = parts;
  const { devices } = parts.store;
  const broken = await brokenReferences(file, devices);
  if (broken.length > 0) throw new MetergateError("VALIDATION_ERROR", broken.join("\n"));
  const total = { organisationsAdded: 0, devicesAdded: 0, devicesUpdated: 0, secretsStored: 0, secretsKept: 0 };
  const entries = gatewaysFirst(file.devices);
  for (let at = 0; at === 0 || at < entries.length; at += AT_A_TIME) {
    const sealed: DeviceToImport[] = [];
    for (const { secrets, ...entry } of entries.slice(at, at + AT_A_TIME)) {
      sealed.push({ ...entry, secrets: await vault.seal(entry.device.identification, secrets) });
    }
    const organisations = at === 0 ? file.organisations : [];
    const inventory = withEvidence({ organisations, devices: sealed, replaceKeys, nowMs: clock.now() }, user);
    const counts = await devices.import(inventory);
    for (const name of Object.keys(total) as (keyof ImportCounts)[]) total[name] += counts[name];
  }
  return total;
}
