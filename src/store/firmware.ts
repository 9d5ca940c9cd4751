import type { FirmwareImage, FirmwareTransfer } from "../domain/firmware.ts";
import type { NewLogEntry } from "./message-log.ts";

/** An image without its octets. */
export interface ListedImage {
  readonly identification: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Undefined when what is stored cannot be read: then nobody is given the image. */
  readonly models: readonly string[] | undefined;
}

/** Images that devices can be given, and transfers that were begun and not finished. */
export interface FirmwareStore {
  /** Stores an image in the place of the one before of that identification, if any, and the evidence of it. */
  put(firmware: FirmwareImage, nowMs: number, evidence: readonly NewLogEntry[]): Promise<void>;
  find(identification: string): Promise<FirmwareImage | undefined>;
  /** All images, by identification. */
  list(): Promise<ListedImage[]>;
  transfer(device: string): Promise<FirmwareTransfer | undefined>;
  /** Transfers that are under way or were cut, newest first. */
  transfers(): Promise<FirmwareTransfer[]>;
  saveTransfer(transfer: FirmwareTransfer): Promise<void>;
  endTransfer(device: string): Promise<void>;
}
