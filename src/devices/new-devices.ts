import type { Authorisation } from "../domain/device.ts";
import { MetergateError } from "../domain/errors.ts";
import type { Family } from "../domain/family.ts";
import type { Clock } from "../lib/clock.ts";
import { evidenceOf } from "../message-log/evidence.ts";
import { addDevice, type NewDevice } from "../operations/installation/add-device.ts";
import type { DevicesStore, InventoryEntry } from "../store/devices.ts";
import { isAuthorised } from "./authorisation.ts";
import { parseRecord } from "./device-file.ts";
import type { KeyVault, Secret } from "./key-vault.ts";

/** A device that a caller describes, who has it added. */
export interface Addition {
  readonly identification: string;
  readonly described: NewDevice;
  /** Keys in clear. */
  readonly secrets: readonly Secret[];
  /** Who has it added, and by which request. */
  readonly organisation: string;
  readonly correlationUid: string;
}

/** Makes devices known that callers describe. */
export class NewDevices {
  readonly #parts: {
    readonly families: readonly Family[];
    readonly devices: DevicesStore;
    readonly vault: KeyVault;
    readonly clock: Clock;
  };

  constructor(parts: { families: readonly Family[]; devices: DevicesStore; vault: KeyVault; clock: Clock }) {
    this.#parts = parts;
  }

  /**
   * Adds a device with its keys, or what is said of one that is known in place of what was: all of it or nothing. A new
   * device is its caller's; the rights on one that was known stay.
   * @throws MetergateError EXISTING_DEVICE, UNAUTHORIZED, UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT, VALIDATION_ERROR
   */
  async add({ identification, described, secrets, organisation, correlationUid }: Addition): Promise<void> {
    const { devices, vault, clock } = this.#parts;
    const known = await devices.find(identification);
    // A run before this one may have come so far and not have been able to say so.
    if (known?.device.addedBy === correlationUid) return;
    if (known) requireOverwrite(known, described, organisation);
    const { device } = this.#recordOf(identification, described, known);
    const rights: readonly Authorisation[] = known?.authorisations ?? [{ organisation, functionGroup: "OWNER" }];
    const sealed = await vault.seal(identification, secrets);
    const keys = secrets.map(({ type }) => type);
    const nowMs = clock.now();
    const details = { device, authorisations: rights, keys, overwritten: known !== undefined };
    const deed = {
      by: "platform",
      operation: addDevice.name,
      device: identification,
      correlationUid,
      details,
    } as const;
    await devices.import({
      organisations: [],
      devices: [{ device: { ...device, addedBy: correlationUid }, authorisations: rights, secrets: sealed }],
      replaceKeys: true,
      nowMs,
      evidence: [evidenceOf(deed, nowMs)],
    });
  }

  #recordOf(identification: string, described: NewDevice, known: InventoryEntry | undefined) {
    const { name, version } = described.protocol;
    const { families } = this.#parts;
    const family = families.find(({ protocols }) => protocols[name]?.includes(version));
    if (!family?.toRecord) {
      const all = families.flatMap(({ protocols }) => Object.entries(protocols));
      const listed = all.flatMap(([each, versions]) => versions.map((one) => `${each} ${one}`)).join(", ");
      const text = `There is no protocol ${name} ${version}; there are: ${listed}`;
      throw new MetergateError("UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT", text);
    }
    const { timezone, model } = described;
    const common = { identification, family: family.name, protocol: { name, version }, timezone, model };
    const same = known?.device.family === family.name ? known.device : undefined;
    return parseRecord({ ...common, ...family.toRecord(described as never, same) }, family);
  }
}

function requireOverwrite({ device, authorisations }: InventoryEntry, { overwrite }: NewDevice, organisation: string) {
  const { identification } = device;
  if (!overwrite) throw new MetergateError("EXISTING_DEVICE", `Device ${identification} is known already`);
  if (isAuthorised(authorisations, organisation, [addDevice.group])) return;
  const text = `Organisation ${organisation} is not authorised for ${addDevice.name} on device ${identification}`;
  throw new MetergateError("UNAUTHORIZED", text);
}
