import type { GeneralBlockApdu } from "./apdu.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { invalidValue } from "./errors.ts";

/** Block-control (IEC 62056-5-3, General-Block-Transfer): last block, streaming, window. */
const LAST_BLOCK = 0b1000_0000;
const STREAMING = 0b0100_0000;
/** Blocks that whoever sends this one takes without acknowledging them in between; also the mask of the field. */
export const MAX_GENERAL_BLOCK_WINDOW = 0b0011_1111;

/** Writes what follows the tag of a General-Block-Transfer. */
export function writeGeneralBlock(writer: ByteWriter, block: GeneralBlockApdu): void {
  const { window } = block;
  if (!Number.isInteger(window) || window < 0 || window > MAX_GENERAL_BLOCK_WINDOW) {
    throw invalidValue(`no window from 0 to ${MAX_GENERAL_BLOCK_WINDOW}: ${window}`);
  }
  writer.unsigned8(window | (block.last ? LAST_BLOCK : 0) | (block.streaming ? STREAMING : 0));
  writer.unsigned16(block.number);
  writer.unsigned16(block.acknowledged);
  writer.octetString(block.raw);
}

/** Reads what follows the tag of a General-Block-Transfer; the data are a view. */
export function readGeneralBlock(reader: ByteReader): GeneralBlockApdu {
  const control = reader.unsigned8();
  return {
    type: "general-block",
    last: (control & LAST_BLOCK) !== 0,
    streaming: (control & STREAMING) !== 0,
    window: control & MAX_GENERAL_BLOCK_WINDOW,
    number: reader.unsigned16(),
    acknowledged: reader.unsigned16(),
    raw: reader.octetString(),
  };
}
