import type { Knex } from "knex";
import type { FirmwareImage, FirmwareTransfer } from "../domain/firmware.ts";
import type { Database } from "./database.ts";

/** Images that devices can be given, and transfers that were begun and not finished. */
export class FirmwareRepository {
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#knex = database.knex;
  }

  /** Stores an image in the place of the one before of that identification, if any. */
  async put(firmware: FirmwareImage, nowMs: number): Promise<void> {
    await this.#knex.transaction(async (transaction) => {
      await transaction("firmware").where({ identification: firmware.identification }).delete();
      await transaction("firmware").insert({
        identification: firmware.identification,
        sha256: firmware.sha256,
        image: Buffer.from(firmware.image),
        image_identifier: firmware.imageIdentifier ? Buffer.from(firmware.imageIdentifier) : null,
        models: JSON.stringify(firmware.models),
        added_ms: nowMs,
      });
    });
  }

  async find(identification: string): Promise<FirmwareImage | undefined> {
    const row = await this.#knex("firmware").where({ identification }).first();
    if (!row) return undefined;
    return {
      identification,
      sha256: row.sha256,
      image: row.image,
      imageIdentifier: row.image_identifier ?? undefined,
      models: JSON.parse(row.models),
    };
  }

  /** All images without their octets, by identification. */
  async list(): Promise<{ identification: string; sha256: string; sizeBytes: number; models: string[] }[]> {
    const rows = await this.#knex("firmware")
      .orderBy("identification")
      .select("identification", "sha256", "models", this.#knex.raw("length(image) as size_bytes"));
    return rows.map((row) => ({
      identification: row.identification,
      sha256: row.sha256,
      sizeBytes: row.size_bytes,
      models: JSON.parse(row.models),
    }));
  }

  async transfer(device: string): Promise<FirmwareTransfer | undefined> {
    const row = await this.#knex("firmware_transfer").where({ device }).first();
    return row && toTransfer(row);
  }

  /** Transfers that are under way or were cut, newest first. */
  async transfers(): Promise<FirmwareTransfer[]> {
    return (await this.#knex("firmware_transfer").orderBy("updated_ms", "desc")).map(toTransfer);
  }

  async saveTransfer(transfer: FirmwareTransfer): Promise<void> {
    const row = {
      target: transfer.target,
      sha256: transfer.sha256,
      blocks_done: transfer.blocksDone,
      blocks_total: transfer.blocksTotal,
      updated_ms: transfer.updatedMs,
    };
    const changed = await this.#knex("firmware_transfer").where({ device: transfer.device }).update(row);
    if (changed === 0) await this.#knex("firmware_transfer").insert({ device: transfer.device, ...row });
  }

  async endTransfer(device: string): Promise<void> {
    await this.#knex("firmware_transfer").where({ device }).delete();
  }
}

interface TransferRow {
  readonly device: string;
  readonly target: string;
  readonly sha256: string;
  readonly blocks_done: number;
  readonly blocks_total: number;
  readonly updated_ms: number;
}

function toTransfer(row: TransferRow): FirmwareTransfer {
  return {
    device: row.device,
    target: row.target,
    sha256: row.sha256,
    blocksDone: row.blocks_done,
    blocksTotal: row.blocks_total,
    updatedMs: row.updated_ms,
  };
}
