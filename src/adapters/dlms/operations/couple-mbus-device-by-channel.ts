import { MetergateError } from "../../../domain/errors.ts";
import { coupleMbusDeviceByChannel } from "../../../operations/installation/couple-mbus-device-by-channel.ts";
import { execution, missingObject } from "../execution.ts";
import { isEmptyChannel, readChannel } from "./mbus-channel.ts";
import { recordCoupling, requireNotInUse, toldMbusDevice } from "./mbus-coupling.ts";

/** The meter has the device already; only the record changes. */
export const coupleMbusDeviceByChannelExecution = execution(coupleMbusDeviceByChannel, {
  missing: (profile) => missingObject(profile, "MBUS_CLIENT_SETUP"),
  async run(context, { channel }) {
    const { meter, profile, device } = context;
    const told = await readChannel(meter, profile, channel);
    if (isEmptyChannel(told)) {
      const text = `No device is on channel ${channel} of ${device.identification}`;
      throw new MetergateError("NO_DEVICE_FOUND_ON_CHANNEL", text, { retry: false });
    }
    const mbusDevice = await toldMbusDevice(context, told);
    if (!mbusDevice) {
      const { identificationNumber: number, manufacturerIdentification: manufacturer } = told;
      const identity = `mbusIdentificationNumber: ${number} and mbusManufacturerIdentification: ${manufacturer}`;
      throw new MetergateError("NO_MATCHING_MBUS_DEVICE_FOUND", `No matching mbus device found with ${identity}`);
    }
    await context.requireAuthorised(mbusDevice);
    requireNotInUse(mbusDevice);
    await recordCoupling(context, mbusDevice, told);
    return { channel: told };
  },
});
