import type { FirmwareStore } from "../../firmware.ts";
import { type ImageRow, readModels, type TransferRow, toTransfer } from "../../rows/firmware.ts";
import type { Session } from "../session.ts";
import { writeEntries } from "./message-log.ts";

export function firmware(db: Session): FirmwareStore {
  return {
    async put({ identification, sha256, image, imageIdentifier, models }, nowMs, evidence) {
      const values = { sha256, image, image_identifier: imageIdentifier ?? null, models: JSON.stringify(models) };
      db.upsert("firmware", { identification }, { ...values, added_ms: nowMs });
      writeEntries(db, evidence);
    },

    async find(identification) {
      const row = await db.get<ImageRow>("select * from firmware where identification = ?", identification);
      if (!row) return undefined;
      return {
        identification,
        sha256: row.sha256,
        image: row.image,
        imageIdentifier: row.image_identifier ?? undefined,
        models: JSON.parse(row.models),
      };
    },

    async list() {
      const rows = await db.all<ImageRow & { size_bytes: number }>(
        `select identification, sha256, models, ${db.statements.octets}(image) as size_bytes
         from firmware order by identification`,
      );
      return rows.map(({ size_bytes: sizeBytes, models, ...row }) => ({
        ...row,
        sizeBytes,
        models: readModels(models),
      }));
    },

    async transfer(device) {
      const row = await db.get<TransferRow>("select * from firmware_transfer where device = ?", device);
      return row && toTransfer(row);
    },

    transfers: async () =>
      (await db.all<TransferRow>("select * from firmware_transfer order by updated_ms desc, device")).map(toTransfer),

    async saveTransfer({ device, target, sha256, blocksDone, blocksTotal, updatedMs }) {
      const progress = { blocks_done: blocksDone, blocks_total: blocksTotal, updated_ms: updatedMs };
      db.upsert("firmware_transfer", { device }, { target, sha256, ...progress });
    },

    async endTransfer(device) {
      await db.run("delete from firmware_transfer where device = ?", device);
    },
  };
}
