import { concatBytes } from "../lib/bytes.ts";
import { ByteReader } from "./byte-reader.ts";
import { invalidValue } from "./errors.ts";
import { MAX_HDLC_INFORMATION_LENGTH } from "./hdlc-frame.ts";

/** What the two sides of a link agree on when it is set up, as the side that states it sees it. */
export interface HdlcParameters {
  /** Octets in the information field of a frame, 1 … 2035. */
  readonly maxInformationTransmit: number;
  readonly maxInformationReceive: number;
  /** Frames on their way without acknowledgement, 1 … 7. */
  readonly windowTransmit: number;
  readonly windowReceive: number;
}

/** What holds for a side that states nothing (IEC 62056-46, 6.4.4.4.3.2). */
const DEFAULT_HDLC_PARAMETERS: HdlcParameters = {
  maxInformationTransmit: 128,
  maxInformationReceive: 128,
  windowTransmit: 1,
  windowReceive: 1,
};

/** Format identifier and group identifier that begin the parameters (ISO/IEC 13239, 5.5.3). */
const FORMAT_IDENTIFIER = 0x81;
const PARAMETER_GROUP = 0x80;
const PARAMETERS = [
  { key: "maxInformationTransmit", identifier: 5, max: MAX_HDLC_INFORMATION_LENGTH },
  { key: "maxInformationReceive", identifier: 6, max: MAX_HDLC_INFORMATION_LENGTH },
  { key: "windowTransmit", identifier: 7, max: 7 },
  { key: "windowReceive", identifier: 8, max: 7 },
] as const;

/** @throws DlmsError `local/invalid-value` for a parameter out of its range. */
export function hdlcParameters(parameters: Partial<HdlcParameters> = {}): HdlcParameters {
  const all = { ...DEFAULT_HDLC_PARAMETERS, ...parameters };
  for (const { key, max } of PARAMETERS) {
    if (!Number.isInteger(all[key]) || all[key] < 1 || all[key] > max) {
      throw invalidValue(`the HDLC parameter ${key} is 1 … ${max}, not ${all[key]}`);
    }
  }
  return all;
}

/** The information field of an SNRM or UA frame. Information lengths take 1 or 2 octets, windows 4. */
export function encodeHdlcParameters(parameters: HdlcParameters): Uint8Array {
  const fields = PARAMETERS.map(({ key, identifier, max }) => {
    const value = parameters[key];
    if (max === 7) return Uint8Array.of(identifier, 4, 0, 0, 0, value);
    return value <= 0xff ? Uint8Array.of(identifier, 1, value) : Uint8Array.of(identifier, 2, value >> 8, value);
  });
  const group = concatBytes(...fields);
  return concatBytes(Uint8Array.of(FORMAT_IDENTIFIER, PARAMETER_GROUP, group.length), group);
}

/**
 * Reads the information field of an SNRM or UA frame; what it does not state has its default.
 * Values above the ranges of {@link HdlcParameters} stand for their upper end; unknown parameters are skipped.
 * @throws DlmsError `remote/malformed`, `remote/truncated`
 */
export function decodeHdlcParameters(information: Uint8Array): HdlcParameters {
  const parameters: { -readonly [K in keyof HdlcParameters]: number } = { ...DEFAULT_HDLC_PARAMETERS };
  if (information.length === 0) return parameters;
  const reader = new ByteReader(information);
  if (reader.unsigned8() !== FORMAT_IDENTIFIER) throw reader.malformed("not the format of HDLC parameters", 1);
  if (reader.unsigned8() !== PARAMETER_GROUP) throw reader.malformed("not the group of HDLC parameters", 1);
  const group = reader.part(reader.unsigned8());
  while (group.remaining > 0) {
    const identifier = group.unsigned8();
    const octets = group.octets(group.unsigned8());
    const parameter = PARAMETERS.find((known) => known.identifier === identifier);
    if (parameter === undefined) continue;
    const value = octets.reduce((sum, octet) => sum * 256 + octet, 0);
    if (value < 1) throw group.malformed(`the HDLC parameter ${parameter.key} is 0`, octets.length);
    parameters[parameter.key] = Math.min(value, parameter.max);
  }
  return parameters;
}

/** What holds between this side's limits and what the peer stated, as this side sees it. */
export function negotiateHdlcParameters(own: HdlcParameters, peer: HdlcParameters): HdlcParameters {
  return {
    maxInformationTransmit: Math.min(own.maxInformationTransmit, peer.maxInformationReceive),
    maxInformationReceive: Math.min(own.maxInformationReceive, peer.maxInformationTransmit),
    windowTransmit: Math.min(own.windowTransmit, peer.windowReceive),
    windowReceive: Math.min(own.windowReceive, peer.windowTransmit),
  };
}
