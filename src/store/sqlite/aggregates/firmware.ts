import type { FirmwareStore } from "../../firmware.ts";
import { type ImageRow, readModels, type TransferRow, toTransfer } from "../../rows/firmware.ts";
import type { Connection, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";

export function firmware(db: Connection): Synchronous<FirmwareStore> {
  return {
    put({ identification, sha256, image, imageIdentifier, models }, nowMs, evidence) {
      db.run(
        `insert or replace into firmware (identification, sha256, image, image_identifier, models, added_ms)
         values (?, ?, ?, ?, ?, ?)`,
        ...[identification, sha256, image, imageIdentifier ?? null, JSON.stringify(models), nowMs],
      );
      writeEntries(db, evidence);
    },

    find(identification) {
      const row = db.get<ImageRow>("select * from firmware where identification = ?", identification);
      if (!row) return undefined;
      return {
        identification,
        sha256: row.sha256,
        image: row.image,
        imageIdentifier: row.image_identifier ?? undefined,
        models: JSON.parse(row.models),
      };
    },

    list: () =>
      db
        .all<ImageRow & { size_bytes: number }>(
          "select identification, sha256, models, length(image) as size_bytes from firmware order by identification",
        )
        .map(({ size_bytes: sizeBytes, models, ...row }) => ({ ...row, sizeBytes, models: readModels(models) })),

    transfer(device) {
      const row = db.get<TransferRow>("select * from firmware_transfer where device = ?", device);
      return row && toTransfer(row);
    },

    transfers: () =>
      db.all<TransferRow>("select * from firmware_transfer order by updated_ms desc, device").map(toTransfer),

    saveTransfer({ device, target, sha256, blocksDone, blocksTotal, updatedMs }) {
      db.run(
        `insert or replace into firmware_transfer (device, target, sha256, blocks_done, blocks_total, updated_ms)
         values (?, ?, ?, ?, ?, ?)`,
        ...[device, target, sha256, blocksDone, blocksTotal, updatedMs],
      );
    },

    endTransfer(device) {
      db.run("delete from firmware_transfer where device = ?", device);
    },
  };
}
