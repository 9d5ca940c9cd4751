import { MetergateError } from "../domain/errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Database } from "../store/database.ts";
import { DevicesRepository, type DeviceToImport, type ImportCounts } from "../store/devices-repository.ts";
import { type DeviceFile, parseDeviceFile } from "./device-file.ts";
import type { KeyVault } from "./key-vault.ts";

/** Organisations and gateways that stand neither in the file nor in the inventory, by path. */
async function brokenReferences(file: DeviceFile, repository: DevicesRepository): Promise<string[]> {
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

/**
 * Takes a devices file over, whole or not at all. Devices that are known are updated; their keys only with
 * `replaceKeys`, because keys that were replaced on the meter since the file was written must not come back.
 * @param content JSON as in docs/devices.md
 * @throws MetergateError VALIDATION_ERROR with one line per problem
 */
export async function importDevices(
  content: string,
  parts: { database: Database; vault: KeyVault; clock: Clock; replaceKeys: boolean },
): Promise<ImportCounts> {
  const file = parseDeviceFile(content);
  const repository = new DevicesRepository(parts.database);
  const broken = await brokenReferences(file, repository);
  if (broken.length > 0) throw new MetergateError("VALIDATION_ERROR", broken.join("\n"));
  const devices: DeviceToImport[] = [];
  // Sealed before the transaction begins: other processes wait for that one.
  for (const { secrets, ...entry } of file.devices) {
    devices.push({ ...entry, secrets: await parts.vault.seal(entry.device.identification, secrets) });
  }
  const { replaceKeys, clock } = parts;
  return repository.import({ organisations: file.organisations, devices, replaceKeys, nowMs: clock.now() });
}
