import { asNumber, type CosemData } from "../../../dlms/data.ts";
import type { ChannelValues, MbusShortId } from "../../../operations/mbus.ts";
import { attributeOf, findObject, type Profile } from "../profiles/index.ts";
import type { MeterSession } from "../session.ts";

/** Primary address, class 72. */
const ADDRESS_ATTRIBUTE = 5;
/** Attributes of class 72 that tell which M-Bus device is on the channel. */
const IDENTITY_ATTRIBUTES = [6, 7, 8, 9] as const;
const LARGEST_IDENTIFICATION = 99_999_999;

/** null-data stands for a channel without a device. */
const numberOf = (data: CosemData, what: string) => (data.type === "null-data" ? 0 : asNumber(data, what));

/**
 * Identification number as eight digits: version 0 of the class has BCD, later ones a plain number.
 * @param value 0 … 2^32 − 1
 */
export function formatIdentification(value: number, classVersion: number): string {
  const digits = value.toString(classVersion === 0 ? 16 : 10).padStart(8, "0");
  if (/^\d{8}$/.test(digits) && (classVersion === 0 || value <= LARGEST_IDENTIFICATION)) return digits;
  return `DOUBLE_LONG_UNSIGNED Value: ${value} (Cannot not be correctly interpreted)`;
}

/** Manufacturer code (0 … 65535, five bits a letter) as three letters; empty for 0. */
export function formatManufacturer(code: number): string {
  if (code === 0) return "";
  return String.fromCharCode(...[10, 5, 0].map((shift) => 64 + ((code >> shift) & 0x1f)));
}

/**
 * Identification number of eight digits as class 72 has it.
 * @returns 0 … 2^32 − 1: BCD in version 0 of the class, the plain number in later ones
 */
export function identificationValue(digits: string, classVersion: number): number {
  return Number.parseInt(digits, classVersion === 0 ? 16 : 10);
}

/** What a channel of the meter says about the device on it. */
export async function readShortId(meter: MeterSession, profile: Profile, channel: number): Promise<MbusShortId> {
  const object = findObject(profile, "MBUS_CLIENT_SETUP", channel);
  const attributes = IDENTITY_ATTRIBUTES.map((attribute) => attributeOf(object, attribute));
  return toShortId(channel, object.version, await meter.getAll(attributes));
}

/** The same with the primary address. */
export async function readChannel(meter: MeterSession, profile: Profile, channel: number): Promise<ChannelValues> {
  const object = findObject(profile, "MBUS_CLIENT_SETUP", channel);
  const attributes = [...IDENTITY_ATTRIBUTES, ADDRESS_ATTRIBUTE].map((attribute) => attributeOf(object, attribute));
  const read = await meter.getAll(attributes);
  return { ...toShortId(channel, object.version, read), primaryAddress: numberOf(read.at(-1)!, "primary address") };
}

/** @param read in the order of the attributes */
function toShortId(channel: number, classVersion: number, read: readonly CosemData[]): MbusShortId {
  const [identification, manufacturer, version, deviceType] = read;
  return {
    channel,
    identificationNumber: formatIdentification(numberOf(identification!, "identification number"), classVersion),
    manufacturerIdentification: formatManufacturer(numberOf(manufacturer!, "manufacturer id")),
    versionIdentification: numberOf(version!, "M-Bus version"),
    deviceTypeIdentification: numberOf(deviceType!, "M-Bus device type"),
  };
}

export function isEmptyChannel(id: MbusShortId): boolean {
  return (
    id.identificationNumber === "00000000" &&
    id.manufacturerIdentification === "" &&
    id.versionIdentification === 0 &&
    id.deviceTypeIdentification === 0
  );
}
