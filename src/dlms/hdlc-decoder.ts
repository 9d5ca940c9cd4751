import { concatBytes } from "../lib/bytes.ts";
import { hdlcCrc } from "./hdlc-crc.ts";
import { decodeHdlcControl, FORMAT_TYPE_3, HDLC_FLAG, type HdlcFrame, SEGMENTATION_BIT } from "./hdlc-frame.ts";

/** Why octets were left out. */
export type HdlcDamageReason =
  /** What follows a flag is no frame of format type 3. */
  | "format"
  /** The length is too small for its fields, or no flag stands where it says that the frame ends. */
  | "length"
  /** An address has 3 octets or no end, or is not one of this link. */
  | "address"
  /** The header check sequence (HCS) does not match. */
  | "header-check"
  /** The frame check sequence (FCS) does not match. */
  | "frame-check"
  /** A control octet without meaning, or one that this side never receives. */
  | "control"
  /** The information does not start with an LLC header. */
  | "llc";

/** A frame, or that octets between two flags were none. */
export type HdlcDecoded =
  | { readonly type: "frame"; readonly frame: HdlcFrame }
  | { readonly type: "damaged"; readonly reason: HdlcDamageReason };

/** What stands at a flag, and where to go on: the frame's closing flag, or the first octet not looked at. */
type Found = HdlcDecoded & { readonly next: number };

/**
 * Finds the frames in a stream, however it is cut. Keeps less than one frame (2049 octets).
 * After damage it looks at each flag that follows, those inside the damaged frame included, as a length that is wrong
 * may have hidden the start of a good frame. Damage is told once, until a good frame ends it.
 * Octets before a flag are skipped.
 */
export class HdlcDecoder {
  #pending: Uint8Array = new Uint8Array(0);
  #isDamaged = false;

  /** What is complete with these octets. The frames hold views of what was pushed. */
  push(bytes: Uint8Array): HdlcDecoded[] {
    const octets = this.#pending.length > 0 ? concatBytes(this.#pending, bytes) : bytes;
    const decoded: HdlcDecoded[] = [];
    let at = octets.indexOf(HDLC_FLAG);
    while (at >= 0) {
      while (octets[at + 1] === HDLC_FLAG) at++;
      const found = frameAt(octets, at);
      if (found === undefined) break;
      if (found.type === "frame" || !this.#isDamaged) decoded.push(found);
      this.#isDamaged = found.type === "damaged";
      at = octets.indexOf(HDLC_FLAG, found.next);
    }
    this.#pending = at >= 0 ? octets.slice(at) : new Uint8Array(0);
    return decoded;
  }
}

/** Reads the frame after the flag at `flag`; undefined when more octets are needed to tell. */
function frameAt(octets: Uint8Array, flag: number): Found | undefined {
  const start = flag + 1;
  const damaged = (reason: HdlcDamageReason, next = start): Found => ({ type: "damaged", reason, next });
  const format = octets[start];
  const lowLength = octets[start + 1];
  if (format === undefined) return undefined;
  if ((format & 0xf0) !== FORMAT_TYPE_3) return damaged("format");
  if (lowLength === undefined) return undefined;
  const length = ((format & 0x07) << 8) | lowLength;

  const source = addressEnd(octets, start + 2);
  if (typeof source !== "number") return source && damaged(source);
  const control = addressEnd(octets, source);
  if (typeof control !== "number") return control && damaged(control);
  const headerEnd = control + 1;
  const end = start + length;
  if (end !== headerEnd + 2) {
    if (end < headerEnd + 4) return damaged("length");
    // Checked before the rest is there: a wrong length would have us wait for octets that never come.
    if (octets.length < headerEnd + 2) return undefined;
    if (!isChecked(octets, start, headerEnd)) return damaged("header-check");
  }
  if (octets.length <= end) return undefined;
  if (octets[end] !== HDLC_FLAG) return damaged("length");
  if (!isChecked(octets, start, end - 2)) return damaged("frame-check");

  const decodedControl = decodeHdlcControl(octets[control]!);
  if (decodedControl === undefined) return damaged("control", end);
  const frame = {
    destination: octets.subarray(start + 2, source),
    source: octets.subarray(source, control),
    control: decodedControl,
    segmented: (format & SEGMENTATION_BIT) !== 0,
    information: octets.subarray(Math.min(headerEnd + 2, end - 2), end - 2),
  };
  return { type: "frame", frame, next: end };
}

/** Where the address that begins at `at` ends; undefined when more octets are needed. */
function addressEnd(octets: Uint8Array, at: number): number | "address" | undefined {
  for (let length = 1; length <= 4; length++) {
    const octet = octets[at + length - 1];
    if (octet === undefined) return undefined;
    if (octet & 1) return length === 3 ? "address" : at + length;
  }
  return "address";
}

/** True when the two octets at `at` are the check sequence of those from `start` to there. */
function isChecked(octets: Uint8Array, start: number, at: number): boolean {
  return hdlcCrc(octets, start, at) === (octets[at]! | (octets[at + 1]! << 8));
}
