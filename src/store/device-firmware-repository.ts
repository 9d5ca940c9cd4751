import type { Knex } from "knex";
import type { Database, Transaction } from "./database.ts";
import type { BatchWriter } from "./group-commit.ts";

/** The firmware of one module of a device, as the device told it. */
export interface DeviceFirmware {
  /** Module of the contract, such as ACTIVE_FIRMWARE. */
  readonly module: string;
  readonly version: string;
  /** Epoch milliseconds. */
  readonly readMs: number;
}

/** Firmware versions that were read, with the time: the latest of each module. Written through the group commit. */
export class DeviceFirmwareRepository
  implements BatchWriter<{ readonly device: string; readonly versions: readonly DeviceFirmware[] }, undefined>
{
  readonly #database: Database;
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#database = database;
    this.#knex = database.knex;
  }

  async put(device: string, versions: readonly DeviceFirmware[]): Promise<void> {
    if (versions.length > 0) await this.#database.commits.submit(this, { device, versions });
  }

  async write(
    transaction: Transaction,
    devices: readonly { readonly device: string; readonly versions: readonly DeviceFirmware[] }[],
  ): Promise<readonly undefined[]> {
    for (const { device, versions } of devices) {
      const rows = versions.map(({ module, version, readMs }) => ({ device, module, version, read_ms: readMs }));
      await transaction("device_firmware").insert(rows).onConflict(["device", "module"]).merge();
    }
    return devices.map(() => undefined);
  }

  /** By module. */
  async list(device: string): Promise<DeviceFirmware[]> {
    const rows = await this.#knex("device_firmware").where({ device }).orderBy("module");
    return rows.map(({ module, version, read_ms: readMs }) => ({ module, version, readMs }));
  }
}
