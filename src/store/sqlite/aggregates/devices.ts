import type { Authorisation, Device } from "../../../domain/device.ts";
import { learntOf, readDevice, readDevices, requireDevice } from "../../device-record.ts";
import type { DeviceRow, DevicesStore, DeviceToImport, InventoryToImport, UnreadableDevice } from "../../devices.ts";
import { mbusNameOf } from "../../devices.ts";
import { type AuthorisationRow, OF_ORGANISATION, type StoredDeviceRow } from "../../rows/device.ts";
import { COUNT_CHANGE } from "../../rows/organisation.ts";
import type { Connection, SqlValue, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";
import { activeSecrets, insertActiveSecrets } from "./secrets.ts";

/** Word for word what the index is over. It holds nothing of records that are no JSON: the database lets none of those in. */
const BY_SYSTEM_TITLE = "select identification, record from device where json_extract(record, '$.systemTitle') = ?";

export function devices(db: Connection): Synchronous<DevicesStore> {
  return {
    version: () => db.get<{ version: number }>("select version from inventory_version")!.version,

    find(identification) {
      const row = db.get<StoredDeviceRow>(
        "select identification, record from device where identification = ?",
        identification,
      );
      if (!row) return undefined;
      const authorisations = findAuthorisations(db, [identification]).get(identification) ?? [];
      return { device: requireDevice(row), authorisations };
    },

    findByMbusIdentity: ({ identificationNumber, manufacturerIdentification }) =>
      readDevices(
        db.all<StoredDeviceRow>(
          "select identification, record from device where mbus_identification_number = ? and mbus_manufacturer = ?",
          ...[identificationNumber, manufacturerIdentification],
        ),
      ),

    findBySystemTitle: (systemTitle) => readDevices(db.all<StoredDeviceRow>(BY_SYSTEM_TITLE, systemTitle)),

    replace(before, after, evidence = []) {
      const sql = "update device set record = ?, gateway_device = ? where identification = ? and record = ?";
      const values = [JSON.stringify(after), after.gateway?.device ?? null];
      if (db.run(sql, ...values, before.identification, JSON.stringify(before)) === 0) return false;
      db.run(COUNT_CHANGE);
      writeEntries(db, evidence);
      return true;
    },

    behind: (gateway) =>
      readDevices(
        db.all<StoredDeviceRow>(
          "select identification, record from device where gateway_device = ? order by identification",
          gateway,
        ),
      ),

    knownOrganisations: (identifications) => known(db, "organisation", identifications),
    knownDevices: (identifications) => known(db, "device", identifications),

    list({ offset, limit, organisation }) {
      const where = organisation === undefined ? "" : `where ${OF_ORGANISATION}`;
      const rows = db.all<StoredDeviceRow>(
        `select * from device ${where} order by identification limit ? offset ?`,
        ...(organisation === undefined ? [] : [organisation]),
        ...[limit, offset],
      );
      const authorisations = findAuthorisations(
        db,
        rows.map((row) => row.identification),
      );
      return rows.map((row): DeviceRow | UnreadableDevice => {
        const device = readDevice(row);
        if (!device) return { identification: row.identification, isUnreadable: true };
        const rights = authorisations.get(row.identification) ?? [];
        return { device, authorisations: rights, invocationCounter: row.invocation_counter };
      });
    },

    count(organisation) {
      const row =
        organisation === undefined
          ? db.get<{ devices: number }>("select count(*) as devices from device")
          : db.get<{ devices: number }>(
              `select count(*) as devices from device where ${OF_ORGANISATION}`,
              organisation,
            );
      return row!.devices;
    },

    countAll: () =>
      db.get<{ devices: number; organisations: number }>(
        "select (select count(*) from device) as devices, (select count(*) from organisation) as organisations",
      )!,

    import(inventory) {
      const knownBefore = known(db, "organisation", inventory.organisations);
      const added = inventory.organisations.filter((identification) => !knownBefore.has(identification));
      db.insert(
        "organisation",
        ["identification"],
        added.map((identification) => [identification]),
      );
      const existing = known(
        db,
        "device",
        inventory.devices.map(({ device }) => device.identification),
      );
      writeDevices(db, inventory.devices, existing);
      const secretsStored = writeSecrets(db, inventory);
      db.run(COUNT_CHANGE);
      writeEntries(db, inventory.evidence);
      return {
        organisationsAdded: added.length,
        devicesAdded: inventory.devices.length - existing.size,
        devicesUpdated: existing.size,
        secretsStored,
        secretsKept: inventory.devices.reduce((sum, { secrets }) => sum + secrets.length, 0) - secretsStored,
      };
    },

    invocationCounter: (device) =>
      db.get<StoredDeviceRow>("select invocation_counter from device where identification = ?", device)
        ?.invocation_counter,

    counterState(device) {
      const sql = "select invocation_counter, lent_counters from device where identification = ?";
      const row = db.get<StoredDeviceRow & { lent_counters: string | null }>(sql, device);
      return row && { counter: row.invocation_counter, lent: JSON.parse(row.lent_counters ?? "[]") };
    },

    replaceCounterState: (device, before, after) =>
      db.run(
        `update device set invocation_counter = ?, lent_counters = ?
         where identification = ? and coalesce(invocation_counter, -1) = ? and coalesce(lent_counters, '[]') = ?`,
        ...[after.counter, after.lent.length === 0 ? null : JSON.stringify(after.lent)],
        ...[device, before.counter ?? -1, JSON.stringify(before.lent)],
      ) > 0,

    addToInvocationCounter: (device, count, highest, unknownAs) =>
      db.get<{ invocation_counter: number }>(
        `update device set invocation_counter = coalesce(invocation_counter, ?1) + ?2
         where identification = ?3 and coalesce(invocation_counter, ?1) <= ?4 and lent_counters is null
         returning invocation_counter`,
        ...[unknownAs, count, device, highest - count],
      )?.invocation_counter,

    raiseInvocationCounter(device, value, evidence) {
      const sql =
        "update device set invocation_counter = ? where identification = ? and coalesce(invocation_counter, -1) < ?";
      if (db.run(sql, value, device, value) === 0) return false;
      writeEntries(db, evidence);
      return true;
    },

    startKeyProcessing: (device, { correlationUid, attempt }) =>
      db.run(
        `update device set key_processing_uid = ?, key_processing_attempt = ?
         where identification = ? and not exists (
           select 1 from request where correlation_uid = key_processing_uid and attempt = key_processing_attempt
             and state = 'running' and (correlation_uid <> ? or attempt <> ?))`,
        ...[correlationUid, attempt, device, correlationUid, attempt],
      ) > 0,

    endKeyProcessing(device, { correlationUid, attempt }) {
      db.run(
        `update device set key_processing_uid = null, key_processing_attempt = null
         where identification = ? and key_processing_uid = ? and key_processing_attempt = ?`,
        ...[device, correlationUid, attempt],
      );
    },

    putFirmwareVersions: (device, versions) =>
      db.later(
        insertFirmware,
        versions.map(({ module, version, readMs }) => [device, module, version, readMs]),
      ),

    firmwareVersions: (device) =>
      db
        .all<{ module: string; version: string; read_ms: number }>(
          "select * from device_firmware where device = ? order by module",
          device,
        )
        .map(({ module, version, read_ms: readMs }) => ({ module, version, readMs })),

    findApplicationKey: (organisation, application) =>
      db.get<{ public_key: string }>(
        "select public_key from application_key where organisation = ? and application = ?",
        ...[organisation, application],
      )?.public_key,

    putApplicationKey(organisation, application, publicKey, evidence) {
      db.run(
        "insert or replace into application_key (organisation, application, public_key) values (?, ?, ?)",
        ...[organisation, application, publicKey],
      );
      writeEntries(db, evidence);
    },
  };
}

function insertFirmware(db: Connection, rows: readonly SqlValue[][]): void {
  const replace = "on conflict (device, module) do update set version = excluded.version, read_ms = excluded.read_ms";
  db.insert("device_firmware", ["device", "module", "version", "read_ms"], rows, replace);
}

function known(db: Connection, table: "organisation" | "device", identifications: readonly string[]): Set<string> {
  const rows = db.all<StoredDeviceRow>(
    `select identification from ${table} where identification in (select value from json_each(?))`,
    JSON.stringify(identifications),
  );
  return new Set(rows.map(({ identification }) => identification));
}

function findAuthorisations(db: Connection, identifications: readonly string[]): Map<string, Authorisation[]> {
  const rows = db.all<AuthorisationRow>(
    "select * from device_authorisation where device in (select value from json_each(?))",
    JSON.stringify(identifications),
  );
  const found = new Map<string, Authorisation[]>();
  for (const { device, organisation, function_group: functionGroup } of rows) {
    const entries = found.get(device) ?? [];
    found.set(device, entries);
    entries.push({ organisation, functionGroup });
  }
  return found;
}

function writeDevices(db: Connection, entries: readonly DeviceToImport[], existing: ReadonlySet<string>): void {
  for (const { device: given, invocationCounter = null } of entries) {
    const { identification, gateway } = given;
    const device = existing.has(identification) ? { ...learnt(db, identification), ...given } : given;
    db.run(
      `insert into device (identification, record, gateway_device, mbus_identification_number, mbus_manufacturer,
         invocation_counter)
       values (?, ?, ?, ?, ?, ?)
       on conflict (identification) do update set record = excluded.record, gateway_device = excluded.gateway_device,
         mbus_identification_number = excluded.mbus_identification_number,
         mbus_manufacturer = excluded.mbus_manufacturer,
         -- A file that was written long ago must not make the device see a counter twice.
         invocation_counter = case when coalesce(invocation_counter, -1) < coalesce(excluded.invocation_counter, -1)
           then excluded.invocation_counter else invocation_counter end`,
      ...[identification, JSON.stringify(device), gateway?.device ?? null],
      ...[...mbusNameOf(given), invocationCounter],
    );
  }
  db.run(
    "delete from device_authorisation where device in (select value from json_each(?))",
    JSON.stringify([...existing]),
  );
  db.insert(
    "device_authorisation",
    ["device", "organisation", "function_group"],
    entries.flatMap(({ device, authorisations }) =>
      authorisations.map(({ organisation, functionGroup }) => [device.identification, organisation, functionGroup]),
    ),
  );
}

function learnt(db: Connection, identification: string): Partial<Device> {
  return learntOf(
    db.get<StoredDeviceRow>("select identification, record from device where identification = ?", identification)!,
  );
}

/** @returns how many were stored */
function writeSecrets(db: Connection, { devices: entries, replaceKeys, nowMs }: InventoryToImport): number {
  const kept = replaceKeys
    ? new Set<string>()
    : activeSecrets(
        db,
        entries.map(({ device }) => device.identification),
      );
  const stored = entries.flatMap(({ secrets }) => secrets).filter(({ device, type }) => !kept.has(`${device} ${type}`));
  insertActiveSecrets(db, stored, nowMs);
  return stored.length;
}
