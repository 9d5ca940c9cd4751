import { type CosemData, cosem } from "../../../dlms/data.ts";
import type { Device } from "../../../domain/device.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { ChannelValues, MbusIdentity, MbusShortId } from "../../../operations/mbus.ts";
import { mbusOf } from "../../../operations/mbus.ts";
import { type OperationContext, refusal, resultName } from "../execution.ts";
import { encodeManufacturer } from "../mbus-key.ts";
import { attributeOf, findObject, methodOf, type Profile } from "../profiles/index.ts";
import type { MeterSession } from "../session.ts";
import { identificationValue } from "./mbus-channel.ts";

/** M-Bus channels that an electricity meter has. */
export const CHANNELS = [1, 2, 3, 4] as const;
const SLAVE_DEINSTALL = 2;

/** The M-Bus device that a request names. @throws MetergateError UNKNOWN_DEVICE, VALIDATION_ERROR, UNAUTHORIZED */
export async function namedMbusDevice(context: OperationContext, identification: string) {
  const device = await context.keys.inventory.find(identification);
  if (!device) throw new MetergateError("UNKNOWN_DEVICE", `There is no device ${identification}`);
  await context.requireAuthorised(device);
  const mbus = mbusOf(device);
  if (!mbus) throw new MetergateError("VALIDATION_ERROR", `${identification} is no M-Bus device`);
  return { ...device, mbus };
}

/** The M-Bus device that a meter tells of; undefined when none, or more than one, is known by that identity. */
export async function toldMbusDevice({ keys }: OperationContext, told: MbusShortId): Promise<Device | undefined> {
  try {
    return await keys.inventory.findMbusDevice(told);
  } catch (error) {
    if (error instanceof MetergateError && error.code === "UNKNOWN_DEVICE") return undefined;
    throw error;
  }
}

/** @throws MetergateError MBUS_DEVICE_NOT_MOVED_TO_ANOTHER_EMETER; a status that nobody ever told stands in no way */
export function requireNotInUse({ identification, lifecycleStatus }: Device): void {
  if (lifecycleStatus !== "IN_USE") return;
  const text = `${identification} is IN_USE; it is coupled when its life cycle status is another one`;
  throw new MetergateError("MBUS_DEVICE_NOT_MOVED_TO_ANOTHER_EMETER", text);
}

/** Records that an M-Bus device is on a channel of the meter. */
export async function recordCoupling(
  { records, device, correlationUid }: OperationContext,
  { identification }: Device,
  { channel, primaryAddress }: ChannelValues,
): Promise<void> {
  const address = primaryAddress === 0 ? {} : { primaryAddress };
  await records.couple(identification, { device: device.identification, channel, ...address }, correlationUid);
}

/** What class 72 holds of the device on a channel, in the order in which it is written. */
function identityWrites(
  profile: Profile,
  channel: number,
  { identificationNumber, manufacturerIdentification, version, deviceType }: MbusIdentity,
  primaryAddress: number | undefined,
) {
  const object = findObject(profile, "MBUS_CLIENT_SETUP", channel);
  const values: (readonly [attribute: number, value: CosemData])[] = [
    [6, cosem.doubleLongUnsigned(identificationValue(identificationNumber, object.version))],
    [7, cosem.longUnsigned(manufacturerIdentification === "" ? 0 : encodeManufacturer(manufacturerIdentification))],
    [8, cosem.unsigned(version)],
    [9, cosem.unsigned(deviceType)],
  ];
  if (primaryAddress !== undefined) values.push([5, cosem.unsigned(primaryAddress)]);
  return values.map(([attribute, value]) => ({ attribute: attributeOf(object, attribute), value }));
}

/** Writes to a channel which device is on it. @throws MetergateError DEVICE_REFUSED */
export async function writeIdentity(
  { meter, profile }: { readonly meter: MeterSession; readonly profile: Profile },
  channel: number,
  identity: MbusIdentity,
  primaryAddress: number | undefined,
): Promise<void> {
  const results = await meter.setList(identityWrites(profile, channel, identity, primaryAddress));
  if (results.every((result) => result === "success")) return;
  const names = results.map(resultName).join(", ");
  throw refusal(`The M-Bus device could not be written to channel ${channel}: [${names}]`, results);
}

const NO_DEVICE: MbusIdentity = {
  ...{ identificationNumber: "00000000", manufacturerIdentification: "" },
  ...{ version: 0, deviceType: 0 },
};

/**
 * Takes the device off a channel. Meters disagree about the type of the method's parameter; one that does not let the
 * device be deinstalled forgets it all the same when its identity is overwritten.
 * @throws MetergateError DEVICE_REFUSED
 */
export async function clearChannel({ meter, profile }: OperationContext, channel: number): Promise<void> {
  const deinstall = methodOf(findObject(profile, "MBUS_CLIENT_SETUP", channel), SLAVE_DEINSTALL);
  const { result } = await meter.action(deinstall, cosem.integer(0));
  if (result === "type-unmatched") await meter.action(deinstall, cosem.unsigned(0));
  await writeIdentity({ meter, profile }, channel, NO_DEVICE, 0);
}
