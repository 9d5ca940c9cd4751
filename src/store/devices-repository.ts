import type { Knex } from "knex";
import type { Authorisation, Device, MbusIdentity } from "../domain/device.ts";
import type { Database } from "./database.ts";
import { activeSecrets, insertActiveSecrets, type SealedSecret } from "./secrets-repository.ts";

/** A device with everything that decides who may do what with it. */
export interface InventoryEntry {
  readonly device: Device;
  readonly authorisations: readonly Authorisation[];
}

/** A device as an operator sees it in a list. */
export interface DeviceRow extends InventoryEntry {
  /** Next value to use; null before it was ever known. */
  readonly invocationCounter: number | null;
}

export interface DeviceToImport extends InventoryEntry {
  readonly invocationCounter?: number | undefined;
  readonly secrets: readonly SealedSecret[];
}

export interface InventoryToImport {
  readonly organisations: readonly string[];
  readonly devices: readonly DeviceToImport[];
  /** Whether secrets take the place of active ones; otherwise those are kept. */
  readonly replaceKeys: boolean;
  /** Epoch milliseconds, stamped on secrets. */
  readonly nowMs: number;
}

/** What an import changed. */
export interface ImportCounts {
  readonly organisationsAdded: number;
  readonly devicesAdded: number;
  readonly devicesUpdated: number;
  readonly secretsStored: number;
  /** Secrets of the file that were left out because the device has an active one already. */
  readonly secretsKept: number;
}

interface Row {
  readonly identification: string;
  readonly record: string;
  readonly invocation_counter: number | null;
}

interface AuthorisationRow {
  readonly device: string;
  readonly organisation: string;
  readonly function_group: Authorisation["functionGroup"];
}

/** Devices per statement of an import: well under what one statement may bind. */
const CHUNK = 100;

function* chunks<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += CHUNK) yield items.slice(at, at + CHUNK);
}

/** Organisations, devices and rights. */
export class DevicesRepository {
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#knex = database.knex;
  }

  /** A number that differs after each change of organisations, devices or rights, by whatever process. */
  async version(): Promise<number> {
    return (await this.#knex("inventory_version").first("version")).version;
  }

  async find(identification: string): Promise<InventoryEntry | undefined> {
    const row: Row | undefined = await this.#knex("device").where({ identification }).first();
    if (!row) return undefined;
    const authorisations = await this.#authorisations([identification]);
    return { device: JSON.parse(row.record), authorisations: authorisations.get(identification) ?? [] };
  }

  /** The devices with this M-Bus identification number and manufacturer; none, one, or more by mistake. */
  async findByMbusIdentity(
    identity: Pick<MbusIdentity, "identificationNumber" | "manufacturerIdentification">,
  ): Promise<Device[]> {
    const rows: Row[] = await this.#knex("device").where({
      mbus_identification_number: identity.identificationNumber,
      mbus_manufacturer: identity.manufacturerIdentification,
    });
    return rows.map((row) => JSON.parse(row.record));
  }

  /**
   * Changes what is recorded about a device; not its identification, gateway or M-Bus identity.
   * @returns false when there is no such device
   */
  async change(identification: string, change: (device: Device) => Device): Promise<boolean> {
    return this.#knex.transaction(async (transaction) => {
      const row: Row | undefined = await transaction("device").where({ identification }).first();
      if (!row) return false;
      const record = JSON.stringify(change(JSON.parse(row.record)));
      await transaction("device").where({ identification }).update({ record });
      await transaction("inventory_version").increment("version", 1);
      return true;
    });
  }

  /** Those of the given organisations that are registered. */
  async knownOrganisations(identifications: readonly string[]): Promise<Set<string>> {
    return this.#known("organisation", identifications);
  }

  /** Those of the given devices that are registered. */
  async knownDevices(identifications: readonly string[]): Promise<Set<string>> {
    return this.#known("device", identifications);
  }

  /**
   * Devices by identification.
   * @param organisation only those that it has a right on
   */
  async list(page: { offset: number; limit: number; organisation?: string | undefined }): Promise<DeviceRow[]> {
    const rows: Row[] = await this.#matching(page.organisation)
      .orderBy("identification")
      .offset(page.offset)
      .limit(page.limit);
    const authorisations = await this.#authorisations(rows.map((row) => row.identification));
    return rows.map((row) => ({
      device: JSON.parse(row.record),
      authorisations: authorisations.get(row.identification) ?? [],
      invocationCounter: row.invocation_counter,
    }));
  }

  /** How many devices there are, or how many the organisation has a right on. */
  async count(organisation?: string): Promise<number> {
    const row = await this.#matching(organisation).count({ devices: "*" }).first();
    return Number(row?.devices);
  }

  /** Adds and updates everything in one transaction. References were checked before; a broken one undoes it all. */
  async import(inventory: InventoryToImport): Promise<ImportCounts> {
    return this.#knex.transaction(async (transaction) => {
      const known = await this.#known("organisation", inventory.organisations, transaction);
      const added = inventory.organisations.filter((identification) => !known.has(identification));
      for (const chunk of chunks(added)) {
        await transaction("organisation").insert(chunk.map((identification) => ({ identification })));
      }
      const counts = { devicesAdded: 0, devicesUpdated: 0, secretsStored: 0, secretsKept: 0 };
      for (const chunk of chunks(inventory.devices)) {
        const existing = await this.#known(
          "device",
          chunk.map(({ device }) => device.identification),
          transaction,
        );
        await writeDevices(transaction, chunk, existing);
        const stored = await writeSecrets(transaction, chunk, inventory);
        counts.devicesAdded += chunk.length - existing.size;
        counts.devicesUpdated += existing.size;
        counts.secretsStored += stored;
        counts.secretsKept += chunk.reduce((sum, { secrets }) => sum + secrets.length, 0) - stored;
      }
      await transaction("inventory_version").increment("version", 1);
      return { organisationsAdded: added.length, ...counts };
    });
  }

  #matching(organisation: string | undefined): Knex.QueryBuilder {
    const all = this.#knex("device");
    if (organisation === undefined) return all;
    return all.whereIn("identification", this.#knex("device_authorisation").select("device").where({ organisation }));
  }

  async #known(
    table: "organisation" | "device",
    identifications: readonly string[],
    knex: Knex = this.#knex,
  ): Promise<Set<string>> {
    const known = new Set<string>();
    for (const chunk of chunks(identifications)) {
      for (const { identification } of await knex(table).select("identification").whereIn("identification", chunk)) {
        known.add(identification);
      }
    }
    return known;
  }

  async #authorisations(devices: readonly string[]): Promise<Map<string, Authorisation[]>> {
    const found = new Map<string, Authorisation[]>();
    for (const chunk of chunks(devices)) {
      const rows: AuthorisationRow[] = await this.#knex("device_authorisation").whereIn("device", chunk);
      for (const { device, organisation, function_group: functionGroup } of rows) {
        const entries = found.get(device) ?? [];
        found.set(device, entries);
        entries.push({ organisation, functionGroup });
      }
    }
    return found;
  }
}

async function writeDevices(
  transaction: Knex.Transaction,
  entries: readonly DeviceToImport[],
  existing: ReadonlySet<string>,
): Promise<void> {
  const rows = entries.map(({ device, invocationCounter }) => ({
    identification: device.identification,
    record: JSON.stringify(device),
    gateway_device: device.gateway?.device ?? null,
    mbus_identification_number: device.mbus?.identificationNumber ?? null,
    mbus_manufacturer: device.mbus?.manufacturerIdentification ?? null,
    invocation_counter: invocationCounter ?? null,
  }));
  const added = rows.filter((row) => !existing.has(row.identification));
  if (added.length > 0) await transaction("device").insert(added);
  for (const { identification, invocation_counter: counter, ...columns } of rows) {
    if (!existing.has(identification)) continue;
    await transaction("device").where({ identification }).update(columns);
    if (counter === null) continue;
    // A file that was written long ago must not make the device see a counter twice.
    await transaction("device")
      .where({ identification })
      .andWhere((lower) => lower.whereNull("invocation_counter").orWhere("invocation_counter", "<", counter))
      .update({ invocation_counter: counter });
  }
  await transaction("device_authorisation")
    .whereIn("device", [...existing])
    .delete();
  const authorisations = entries.flatMap(({ device, authorisations }) =>
    authorisations.map(({ organisation, functionGroup }) => ({
      device: device.identification,
      organisation,
      function_group: functionGroup,
    })),
  );
  for (const chunk of chunks(authorisations)) await transaction("device_authorisation").insert(chunk);
}

/** @returns how many were stored */
async function writeSecrets(
  transaction: Knex.Transaction,
  entries: readonly DeviceToImport[],
  { replaceKeys, nowMs }: InventoryToImport,
): Promise<number> {
  const given = entries.flatMap(({ secrets }) => secrets);
  const kept = replaceKeys
    ? new Set<string>()
    : await activeSecrets(
        transaction,
        entries.map(({ device }) => device.identification),
      );
  const stored = given.filter(({ device, type }) => !kept.has(`${device} ${type}`));
  for (const chunk of chunks(stored)) await insertActiveSecrets(transaction, chunk, nowMs);
  return stored.length;
}
