import type { FirmwareTransfer } from "../../domain/firmware.ts";

export interface ImageRow {
  readonly identification: string;
  readonly sha256: string;
  readonly image: Uint8Array;
  readonly image_identifier: Uint8Array | null;
  readonly models: string;
}

export interface TransferRow {
  readonly device: string;
  readonly target: string;
  readonly sha256: string;
  readonly blocks_done: number;
  readonly blocks_total: number;
  readonly updated_ms: number;
}

export function toTransfer(row: TransferRow): FirmwareTransfer {
  return {
    device: row.device,
    target: row.target,
    sha256: row.sha256,
    blocksDone: row.blocks_done,
    blocksTotal: row.blocks_total,
    updatedMs: row.updated_ms,
  };
}

/** The models of an image; undefined when they cannot be read, which must not keep the other images from being told. */
export function readModels(text: string): readonly string[] | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
