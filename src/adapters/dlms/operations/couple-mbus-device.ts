import type { Device } from "../../../domain/device.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { coupleMbusDevice } from "../../../operations/installation/couple-mbus-device.ts";
import type { ChannelValues } from "../../../operations/mbus.ts";
import { execution, missingObject, type OperationContext } from "../execution.ts";
import { bestMatch, isUnused } from "../mbus-match.ts";
import { readChannel } from "./mbus-channel.ts";
import { CHANNELS, namedMbusDevice, recordCoupling, requireNotInUse, writeIdentity } from "./mbus-coupling.ts";

/** @throws MetergateError GIVEN_MBUS_DEVICE_ALREADY_COUPLED, ALL_MBUS_CHANNELS_OCCUPIED */
async function requireRoom(
  { keys, device, attempt }: OperationContext,
  mbusDevice: Device,
  force: boolean,
): Promise<void> {
  const { identification, gateway } = mbusDevice;
  // A run before this one may have come so far and not have been able to say so.
  const isDone = attempt > 1 && gateway?.device === device.identification;
  if (gateway && !force && !isDone) {
    const text = `${identification} is coupled to ${gateway.device}`;
    throw new MetergateError("GIVEN_MBUS_DEVICE_ALREADY_COUPLED", text);
  }
  const others = (await keys.inventory.behind(device.identification)).filter(
    (other) => other.identification !== identification,
  );
  if (others.length < CHANNELS.length) return;
  const names = others.map((other) => other.identification).join(", ");
  const text = `All M-Bus channels of ${device.identification} are taken, by ${names}`;
  throw new MetergateError("ALL_MBUS_CHANNELS_OCCUPIED", text);
}

/** The meter knows the device already, or is told on its first channel that is free. */
async function findChannel(
  context: OperationContext,
  { identification, mbus, gateway }: Awaited<ReturnType<typeof namedMbusDevice>>,
): Promise<ChannelValues> {
  const { meter, profile, device } = context;
  const channels: ChannelValues[] = [];
  for (const channel of CHANNELS) channels.push(await readChannel(meter, profile, channel));
  const match = bestMatch(channels, mbus);
  if (match) return match;
  const free = channels.find(isUnused);
  if (!free) {
    const text = `No M-Bus channel of ${device.identification} has ${identification} on it, and none is free`;
    throw new MetergateError("NO_MBUS_DEVICE_CHANNEL_FOUND", text);
  }
  await writeIdentity(context, free.channel, mbus, gateway?.primaryAddress);
  return {
    channel: free.channel,
    primaryAddress: gateway?.primaryAddress ?? free.primaryAddress,
    identificationNumber: mbus.identificationNumber,
    manufacturerIdentification: mbus.manufacturerIdentification,
    versionIdentification: mbus.version,
    deviceTypeIdentification: mbus.deviceType,
  };
}

export const coupleMbusDeviceExecution = execution(coupleMbusDevice, {
  missing: (profile) => missingObject(profile, "MBUS_CLIENT_SETUP"),
  async run(context, { mbusDevice: identification, force }) {
    const mbusDevice = await namedMbusDevice(context, identification);
    requireNotInUse(mbusDevice);
    await requireRoom(context, mbusDevice, force);
    const channel = await findChannel(context, mbusDevice);
    await recordCoupling(context, mbusDevice, channel);
    return { mbusDevice: identification, channel };
  },
});
