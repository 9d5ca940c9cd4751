import { decoupleMbusDeviceByChannel } from "../../../operations/installation/decouple-mbus-device-by-channel.ts";
import { execution, missingObject } from "../execution.ts";
import { isEmptyChannel, readChannel } from "./mbus-channel.ts";
import { clearChannel, toldMbusDevice } from "./mbus-coupling.ts";

/** Empties the channel, and the records of whatever is known to be on it: the meter may tell of another device. */
export const decoupleMbusDeviceByChannelExecution = execution(decoupleMbusDeviceByChannel, {
  missing: (profile) => missingObject(profile, "MBUS_CLIENT_SETUP"),
  async run(context, { channel }) {
    const { meter, profile, device, records, keys, correlationUid } = context;
    const told = await readChannel(meter, profile, channel);
    const isReadable = /^\d{8}$/.test(told.identificationNumber);
    const found = isReadable && !isEmptyChannel(told) ? await toldMbusDevice(context, told) : undefined;
    if (found) await context.requireAuthorised(found);
    const recorded = (await keys.inventory.behind(device.identification)).filter(
      ({ gateway }) => gateway?.channel === channel,
    );
    for (const one of recorded) await context.requireChangeable(one);
    await clearChannel(context, channel);
    for (const { identification } of recorded) await records.couple(identification, undefined, correlationUid);
    return { channel: told, isReadable, ...(found && { mbusDevice: found.identification }) };
  },
});
