import { createCipheriv } from "node:crypto";
import { MetergateError } from "../../domain/errors.ts";
import { concatBytes, toHex } from "../../lib/bytes.ts";
import type { MbusIdentity } from "../../operations/mbus.ts";
import { encodeIdentificationBcd } from "./mbus-key.ts";

/** Header of a firmware file for M-Bus meters; offsets in octets, lengths little-endian. */
const HEADER_LENGTH = 35;
const MAGIC = ["534D5235", "35524D53"];
const AT = {
  headerLength: 5,
  imageVersion: 7,
  imageLength: 11,
  securityLength: 15,
  securityType: 17,
  addressLength: 18,
  addressType: 19,
  manufacturer: 20,
  identification: 22,
  version: 26,
  deviceType: 27,
  activationType: 28,
} as const;
/** In the header an M-Bus version stands for the SMR generation, whatever the meter reports. */
const SMR5_MBUS_VERSION = 0x50;
const SECURITY_LENGTH = 16;

/** What the header must say before a MAC may be put over it. */
const REQUIRED: readonly [
  field: "securityLength" | "securityType" | "addressLength" | "addressType" | "deviceType" | "activationType",
  value: number,
  meaning: string,
][] = [
  ["securityLength", SECURITY_LENGTH, "16 octets"],
  ["securityType", 2, "GMAC"],
  ["addressLength", 8, "8 octets"],
  ["addressType", 1, "M-Bus address"],
  ["deviceType", 3, "gas"],
  ["activationType", 3, "master-initiated"],
];

function refuse(text: string): never {
  throw new MetergateError("VALIDATION_ERROR", text);
}

/** Whether a firmware file carries the header of an M-Bus image; files for electricity meters do not. */
export function isMbusFirmware(file: Uint8Array): boolean {
  return file.length >= HEADER_LENGTH && MAGIC.includes(toHex(file.subarray(0, 4))) && file[AT.addressType] === 1;
}

/** Whether an identification number is in the file's range: nibble F of the pattern stands for any digit. */
function identificationFits(pattern: Uint8Array, identification: Uint8Array): boolean {
  const wanted = toHex(pattern);
  return [...toHex(identification)].every((digit, i) => wanted[i] === "F" || wanted[i] === digit);
}

/**
 * Whether a file names itself, as M-Bus images do.
 * @throws MetergateError VALIDATION_ERROR when its header does not fit, naming the field
 */
export function namesItself(file: Uint8Array): boolean {
  const isForMbus = isMbusFirmware(file);
  if (isForMbus) checkMbusFirmware(file);
  return isForMbus;
}

/**
 * Checks the header of an M-Bus firmware file.
 * @throws MetergateError VALIDATION_ERROR naming the header field
 */
function checkMbusFirmware(file: Uint8Array): void {
  if (!isMbusFirmware(file)) refuse("Firmware file has no M-Bus header");
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  if (view.getUint16(AT.headerLength, true) !== HEADER_LENGTH) {
    refuse(`Firmware file header length is not ${HEADER_LENGTH}`);
  }
  for (const [field, value, meaning] of REQUIRED) {
    const found = file[AT[field]];
    if (found !== value) refuse(`Firmware file header field ${field} must be ${value} (${meaning}), not ${found}`);
  }
  const length = HEADER_LENGTH + view.getUint32(AT.imageLength, true) + SECURITY_LENGTH;
  if (length !== file.length) refuse(`Firmware file is ${file.length} octets, its header says ${length}`);
}

/**
 * Checks an M-Bus firmware file and addresses it to one meter: identification and version go into the header, and
 * the security field becomes the AES-GMAC (128 bit) over header and image.
 *
 * @param key the meter's firmware update authentication key, 16 octets
 * @throws MetergateError VALIDATION_ERROR naming the header field, or that the meter is out of the file's range
 */
export function prepareMbusFirmware(file: Uint8Array, meter: MbusIdentity, key: Uint8Array): Uint8Array {
  checkMbusFirmware(file);
  const prepared = Uint8Array.from(file);
  const identification = encodeIdentificationBcd(meter.identificationNumber);
  const pattern = prepared.slice(AT.identification, AT.identification + 4);
  if (!identificationFits(pattern, identification)) {
    const range = toHex(pattern.reverse()).toLowerCase();
    refuse(
      `M-Bus Device Identification Number (${meter.identificationNumber}) does not fit the range of Identification Numbers supported by this Firmware File (${range})`,
    );
  }
  prepared.set(identification, AT.identification);
  prepared[AT.version] = SMR5_MBUS_VERSION;

  const authenticated = prepared.subarray(0, file.length - SECURITY_LENGTH);
  const cipher = createCipheriv("aes-128-gcm", key, firmwareNonce(prepared));
  cipher.setAAD(authenticated);
  cipher.final();
  prepared.set(cipher.getAuthTag(), authenticated.length);
  return prepared;
}

/** Manufacturer, identification, version and device type as in the header, then the image version reversed. */
function firmwareNonce(file: Uint8Array): Uint8Array {
  return concatBytes(
    file.subarray(AT.manufacturer, AT.deviceType + 1),
    file.slice(AT.imageVersion, AT.imageVersion + 4).reverse(),
  );
}

/** Only the image of an M-Bus firmware file: what stays the same whichever meter it is addressed to. */
export function mbusImage(file: Uint8Array): Uint8Array {
  return file.subarray(HEADER_LENGTH, file.length - SECURITY_LENGTH);
}

/** Image identifier that an M-Bus firmware transfer announces, 19 octets; `file` as `prepareMbusFirmware` gives it. */
export function mbusImageIdentifier(file: Uint8Array, meter: MbusIdentity): Uint8Array {
  return concatBytes(
    Buffer.from(`${meter.manufacturerIdentification}MBUS`, "ascii"),
    file.subarray(AT.identification, AT.identification + 4),
    file.subarray(AT.manufacturer, AT.manufacturer + 2),
    file.subarray(AT.version, AT.deviceType + 1),
    new Uint8Array(4),
  );
}
