import { concatBytes } from "../lib/bytes.ts";
import { invalidValue } from "./errors.ts";
import { hdlcCrc } from "./hdlc-crc.ts";

/** Begins and ends a frame; one flag may do both. */
export const HDLC_FLAG = 0x7e;
/** Octets between the flags that the 11-bit length field can tell. */
const MAX_HDLC_FRAME_LENGTH = 0x7ff;
/** Octets of information that fit whatever the addresses: format 2, addresses 4 and 1, control 1, HCS 2, FCS 2. */
export const MAX_HDLC_INFORMATION_LENGTH = MAX_HDLC_FRAME_LENGTH - 12;

/** Frame format type 3 in the upper four bits of the first octet. */
export const FORMAT_TYPE_3 = 0xa0;
/** Frame format, first octet: more frames of this message follow. */
export const SEGMENTATION_BIT = 0x08;

/** Control octets of the frames with a receive sequence number but no information of their own. */
const SUPERVISORY = { RR: 0x01, RNR: 0x05, REJ: 0x09 } as const;
/** Control octets of the frames without sequence numbers, the poll/final bit left out. */
const UNNUMBERED = { SNRM: 0x83, DISC: 0x43, UA: 0x63, DM: 0x0f, FRMR: 0x87, UI: 0x03 } as const;
const POLL_FINAL_BIT = 0x10;

/** Frames that only acknowledge. */
export type HdlcSupervisoryType = keyof typeof SUPERVISORY;
/** Frames that connect, disconnect, or stand outside of the sequence. */
export type HdlcUnnumberedType = keyof typeof UNNUMBERED;

/** What a control octet says (IEC 62056-46, 6.4.3). Sequence numbers: 0 … 7. */
export type HdlcControl =
  | {
      readonly type: "I";
      readonly sendSequence: number;
      readonly receiveSequence: number;
      readonly pollFinal: boolean;
    }
  | { readonly type: HdlcSupervisoryType; readonly receiveSequence: number; readonly pollFinal: boolean }
  | { readonly type: HdlcUnnumberedType; readonly pollFinal: boolean };

/** One frame of format type 3. */
export interface HdlcFrame {
  /** Address octets as on the wire: 1, 2 or 4. */
  readonly destination: Uint8Array;
  readonly source: Uint8Array;
  readonly control: HdlcControl;
  /** True when further segments of the same message follow. */
  readonly segmented: boolean;
  readonly information: Uint8Array;
}

/** The control octet (IEC 62056-46, 6.4.3), 0 … 255. */
export function encodeHdlcControl(control: HdlcControl): number {
  const pollFinal = control.pollFinal ? POLL_FINAL_BIT : 0;
  switch (control.type) {
    case "I":
      return (control.receiveSequence << 5) | pollFinal | (control.sendSequence << 1);
    case "RR":
    case "RNR":
    case "REJ":
      return (control.receiveSequence << 5) | pollFinal | SUPERVISORY[control.type];
    default:
      return UNNUMBERED[control.type] | pollFinal;
  }
}

/** Undefined for an octet that IEC 62056-46 gives no meaning. */
export function decodeHdlcControl(octet: number): HdlcControl | undefined {
  const pollFinal = (octet & POLL_FINAL_BIT) !== 0;
  const receiveSequence = octet >> 5;
  if ((octet & 0b1) === 0) return { type: "I", sendSequence: (octet >> 1) & 0b111, receiveSequence, pollFinal };
  if ((octet & 0b11) === 0b01) {
    const type = keyOf(SUPERVISORY, octet & 0x0f);
    return type && { type, receiveSequence, pollFinal };
  }
  const type = keyOf(UNNUMBERED, octet & ~POLL_FINAL_BIT);
  return type && { type, pollFinal };
}

/**
 * The octets of a frame, its two flags included.
 * @throws DlmsError `local/invalid-value` when it does not fit the length field.
 */
export function encodeHdlcFrame(frame: HdlcFrame): Uint8Array {
  const { destination, source, information } = frame;
  const headerLength = 2 + destination.length + source.length + 1;
  const length = headerLength + 2 + (information.length > 0 ? information.length + 2 : 0);
  if (length > MAX_HDLC_FRAME_LENGTH) throw invalidValue(`an HDLC frame of ${length} octets`);
  const format = FORMAT_TYPE_3 | (frame.segmented ? SEGMENTATION_BIT : 0) | (length >> 8);
  const octets = concatBytes(
    Uint8Array.of(HDLC_FLAG, format, length),
    destination,
    source,
    Uint8Array.of(encodeHdlcControl(frame.control)),
    new Uint8Array(length - headerLength + 1),
  );
  if (information.length > 0) {
    setCheckSequence(octets, 1 + headerLength);
    octets.set(information, 1 + headerLength + 2);
  }
  setCheckSequence(octets, 1 + length - 2);
  octets[1 + length] = HDLC_FLAG;
  return octets;
}

/** Puts the check sequence of all octets between the opening flag and `at` there, low octet first. */
function setCheckSequence(octets: Uint8Array, at: number): void {
  const crc = hdlcCrc(octets, 1, at);
  octets[at] = crc;
  octets[at + 1] = crc >> 8;
}

function keyOf<K extends string>(table: Readonly<Record<K, number>>, value: number): K | undefined {
  return (Object.keys(table) as K[]).find((key) => table[key] === value);
}
