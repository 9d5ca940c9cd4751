import type { Device } from "../../../domain/device.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { setDeviceLifecycleStatusByChannel } from "../../../operations/management/set-device-lifecycle-status-by-channel.ts";
import type { MbusShortId } from "../../../operations/mbus.ts";
import { execution, missingObject, type OperationContext } from "../execution.ts";
import { isEmptyChannel, readShortId } from "./mbus-channel.ts";

/** Addressed to the electricity meter, which tells what is on the channel; only the record of that device changes. */
export const setDeviceLifecycleStatusByChannelExecution = execution(setDeviceLifecycleStatusByChannel, {
  missing: (profile) => missingObject(profile, "MBUS_CLIENT_SETUP"),
  async run(context, { channel, status }) {
    const { meter, profile, device, records } = context;
    const told = await readShortId(meter, profile, channel);
    if (isEmptyChannel(told)) {
      const text = `No device is on channel ${channel} of ${device.identification}`;
      throw new MetergateError("NO_DEVICE_FOUND_ON_CHANNEL", text, { retry: false });
    }
    const { identification } = await context.requireChangeable(await deviceToldOf(context, told));
    await records.setLifecycleStatus(identification, status);
    return { channel, status, gateway: device.identification, mbusDevice: identification };
  },
});

/** @throws MetergateError NO_MATCHING_MBUS_DEVICE_FOUND */
async function deviceToldOf({ keys }: OperationContext, told: MbusShortId): Promise<Device> {
  try {
    return await keys.inventory.findMbusDevice(told);
  } catch (error) {
    if (!(error instanceof MetergateError && error.code === "UNKNOWN_DEVICE")) throw error;
    throw new MetergateError("NO_MATCHING_MBUS_DEVICE_FOUND", error.message, { cause: error });
  }
}
