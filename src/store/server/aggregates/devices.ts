import type { Authorisation, Device } from "../../../domain/device.ts";
import { learntOf, readDevice, readDevices, requireDevice } from "../../device-record.ts";
import type { DeviceRow, DevicesStore, DeviceToImport, InventoryToImport, UnreadableDevice } from "../../devices.ts";
import { mbusNameOf } from "../../devices.ts";
import { type AuthorisationRow, OF_ORGANISATION, type StoredDeviceRow } from "../../rows/device.ts";
import { COUNT_CHANGE } from "../../rows/organisation.ts";
import type { Session, SqlValue } from "../session.ts";
import { writeEntries } from "./message-log.ts";
import { activeSecrets, insertActiveSecrets } from "./secrets.ts";

export function devices(db: Session): DevicesStore {
  return {
    version: async () => (await db.get<{ version: number }>("select version from inventory_version"))!.version,

    async find(identification) {
      const row = await db.get<StoredDeviceRow>(
        "select identification, record from device where identification = ?",
        identification,
      );
      if (!row) return undefined;
      const authorisations = (await findAuthorisations(db, [identification])).get(identification) ?? [];
      return { device: requireDevice(row), authorisations };
    },

    async findByMbusIdentity({ identificationNumber, manufacturerIdentification }) {
      const rows = await db.all<StoredDeviceRow>(
        "select identification, record from device where mbus_identification_number = ? and mbus_manufacturer = ?",
        ...[identificationNumber, manufacturerIdentification],
      );
      return readDevices(rows);
    },

    findBySystemTitle: async (systemTitle) =>
      readDevices(
        await db.all<StoredDeviceRow>("select identification, record from device where system_title = ?", systemTitle),
      ),

    async replace(before, after, evidence = []) {
      const sql = `update device set record = ?, gateway_device = ?, system_title = ?
        where identification = ? and record = ?`;
      const values = [JSON.stringify(after), after.gateway?.device ?? null, systemTitleOf(after)];
      if ((await db.run(sql, ...values, before.identification, JSON.stringify(before))) === 0) return false;
      await db.run(COUNT_CHANGE);
      writeEntries(db, evidence);
      return true;
    },

    async behind(gateway) {
      const sql = "select identification, record from device where gateway_device = ? order by identification";
      return readDevices(await db.all<StoredDeviceRow>(sql, gateway));
    },

    knownOrganisations: (identifications) => known(db, "organisation", identifications),
    knownDevices: (identifications) => known(db, "device", identifications),

    async list({ offset, limit, organisation }) {
      const where = organisation === undefined ? "" : `where ${OF_ORGANISATION}`;
      const rows = await db.all<StoredDeviceRow>(
        `select identification, record, invocation_counter from device ${where} order by identification
         offset (?) rows fetch next (?) rows only`,
        ...(organisation === undefined ? [] : [organisation]),
        ...[offset, limit],
      );
      const authorisations = await findAuthorisations(
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

    async count(organisation) {
      const [where, values] = organisation === undefined ? ["", []] : [` where ${OF_ORGANISATION}`, [organisation]];
      return (await db.get<{ devices: number }>(`select count(*) as devices from device${where}`, ...values))!.devices;
    },

    countAll: async () =>
      (await db.get<{ devices: number; organisations: number }>(
        "select (select count(*) from device) as devices, (select count(*) from organisation) as organisations",
      ))!,

    async import(inventory) {
      // Two imports at the same time would wait for each other's devices, in whatever order the files have them.
      db.lock("inventory");
      const knownBefore = await known(db, "organisation", inventory.organisations);
      const added = inventory.organisations.filter((identification) => !knownBefore.has(identification));
      db.insert(
        "organisation",
        ["identification"],
        added.map((identification) => [identification]),
      );
      const identifications = inventory.devices.map(({ device }) => device.identification);
      const existing = await known(db, "device", identifications);
      await writeDevices(db, inventory.devices, existing);
      const secretsStored = await writeSecrets(db, inventory);
      await db.run(COUNT_CHANGE);
      writeEntries(db, inventory.evidence);
      return {
        organisationsAdded: added.length,
        devicesAdded: inventory.devices.length - existing.size,
        devicesUpdated: existing.size,
        secretsStored,
        secretsKept: inventory.devices.reduce((sum, { secrets }) => sum + secrets.length, 0) - secretsStored,
      };
    },

    invocationCounter: async (device) =>
      (await db.get<StoredDeviceRow>("select invocation_counter from device where identification = ?", device))
        ?.invocation_counter,

    async counterState(device) {
      const sql = "select invocation_counter, lent_counters from device where identification = ?";
      const row = await db.get<StoredDeviceRow & { lent_counters: string | null }>(sql, device);
      return row && { counter: row.invocation_counter, lent: JSON.parse(row.lent_counters ?? "[]") };
    },

    replaceCounterState: async (device, before, after) =>
      (await db.run(
        `update device set invocation_counter = ?, lent_counters = ?
         where identification = ? and coalesce(invocation_counter, -1) = ? and coalesce(lent_counters, '[]') = ?`,
        ...[after.counter, after.lent.length === 0 ? null : JSON.stringify(after.lent)],
        ...[device, before.counter ?? -1, JSON.stringify(before.lent)],
      )) > 0,

    async addToInvocationCounter(device, count, highest, unknownAs) {
      const sql = db.statements.updateReturning(
        "device",
        "invocation_counter = coalesce(invocation_counter, cast(? as bigint)) + ?",
        "identification = ? and coalesce(invocation_counter, cast(? as bigint)) <= ? and lent_counters is null",
        ["invocation_counter"],
      );
      const row = await db.get<{ invocation_counter: number }>(
        sql,
        ...[unknownAs, count, device, unknownAs, highest - count],
      );
      return row?.invocation_counter;
    },

    async raiseInvocationCounter(device, value, evidence) {
      const sql =
        "update device set invocation_counter = ? where identification = ? and coalesce(invocation_counter, -1) < ?";
      if ((await db.run(sql, value, device, value)) === 0) return false;
      writeEntries(db, evidence);
      return true;
    },

    startKeyProcessing: async (device, { correlationUid, attempt }) =>
      (await db.run(
        `update device set key_processing_uid = ?, key_processing_attempt = ?
         where identification = ? and not exists (
           select 1 from request where correlation_uid = key_processing_uid and attempt = key_processing_attempt
             and state = 'running' and (correlation_uid <> ? or attempt <> ?))`,
        ...[correlationUid, attempt, device, correlationUid, attempt],
      )) > 0,

    async endKeyProcessing(device, { correlationUid, attempt }) {
      await db.run(
        `update device set key_processing_uid = null, key_processing_attempt = null
         where identification = ? and key_processing_uid = ? and key_processing_attempt = ?`,
        ...[device, correlationUid, attempt],
      );
    },

    async putFirmwareVersions(device, versions) {
      for (const { module, version, readMs } of versions) {
        db.upsert("device_firmware", { device, module }, { version, read_ms: readMs });
      }
    },

    async firmwareVersions(device) {
      const rows = await db.all<{ module: string; version: string; read_ms: number }>(
        "select * from device_firmware where device = ? order by module",
        device,
      );
      return rows.map(({ module, version, read_ms: readMs }) => ({ module, version, readMs }));
    },

    findApplicationKey: async (organisation, application) =>
      (
        await db.get<{ public_key: string }>(
          "select public_key from application_key where organisation = ? and application = ?",
          ...[organisation, application],
        )
      )?.public_key,

    async putApplicationKey(organisation, application, publicKey, evidence) {
      db.upsert("application_key", { organisation, application }, { public_key: publicKey });
      writeEntries(db, evidence);
    },
  };
}

async function known(
  db: Session,
  table: "organisation" | "device",
  identifications: readonly string[],
): Promise<Set<string>> {
  const sql = `select identification from ${table} where identification ${db.among}`;
  return new Set((await db.all<StoredDeviceRow>(sql, identifications)).map(({ identification }) => identification));
}

async function findAuthorisations(
  db: Session,
  identifications: readonly string[],
): Promise<Map<string, Authorisation[]>> {
  const rows = await db.all<AuthorisationRow>(
    `select * from device_authorisation where device ${db.among} order by device, organisation, function_group`,
    identifications,
  );
  const found = new Map<string, Authorisation[]>();
  for (const { device, organisation, function_group: functionGroup } of rows) {
    const entries = found.get(device) ?? [];
    found.set(device, entries);
    entries.push({ organisation, functionGroup });
  }
  return found;
}

/** What a meter calls itself, which is looked for. */
function systemTitleOf(device: Device): string | null {
  const { systemTitle } = device as { systemTitle?: unknown };
  return typeof systemTitle === "string" ? systemTitle : null;
}

const DEVICE_COLUMNS = [
  "identification",
  "record",
  "gateway_device",
  "mbus_identification_number",
  "mbus_manufacturer",
  "system_title",
  "invocation_counter",
] as const;

async function writeDevices(
  db: Session,
  entries: readonly DeviceToImport[],
  existing: ReadonlySet<string>,
): Promise<void> {
  const rowOf = (device: Device, counter: number | null): SqlValue[] => [
    ...[device.identification, JSON.stringify(device), device.gateway?.device ?? null],
    ...[...mbusNameOf(device), systemTitleOf(device), counter],
  ];
  const news = entries.filter(({ device }) => !existing.has(device.identification));
  db.insert(
    "device",
    DEVICE_COLUMNS,
    news.map(({ device, invocationCounter = null }) => rowOf(device, invocationCounter)),
  );
  for (const { device: given, invocationCounter = null } of entries) {
    if (!existing.has(given.identification)) continue;
    const device = { ...(await learnt(db, given.identification)), ...given };
    const [identification, ...values] = rowOf(device, invocationCounter);
    await db.run(
      `update device set record = ?, gateway_device = ?, mbus_identification_number = ?, mbus_manufacturer = ?,
         system_title = ? where identification = ?`,
      ...[...values.slice(0, -1), identification!],
    );
    if (invocationCounter === null) continue;
    // A file that was written long ago must not make the device see a counter twice.
    await db.run(
      `update device set invocation_counter = ? where identification = ? and coalesce(invocation_counter, -1) < ?`,
      ...[invocationCounter, given.identification, invocationCounter],
    );
  }
  await db.run(`delete from device_authorisation where device ${db.among}`, [...existing]);
  db.insert(
    "device_authorisation",
    ["device", "organisation", "function_group"],
    entries.flatMap(({ device, authorisations }) =>
      authorisations.map(({ organisation, functionGroup }) => [device.identification, organisation, functionGroup]),
    ),
  );
}

async function learnt(db: Session, identification: string): Promise<Partial<Device>> {
  const sql = "select identification, record from device where identification = ?";
  return learntOf((await db.get<StoredDeviceRow>(sql, identification))!);
}

/** @returns how many were stored */
async function writeSecrets(db: Session, { devices: entries, replaceKeys, nowMs }: InventoryToImport): Promise<number> {
  const identifications = entries.map(({ device }) => device.identification);
  const kept = replaceKeys ? new Set<string>() : await activeSecrets(db, identifications);
  const stored = entries.flatMap(({ secrets }) => secrets).filter(({ device, type }) => !kept.has(`${device} ${type}`));
  await insertActiveSecrets(db, stored, nowMs);
  return stored.length;
}
