import { MetergateError } from "../../../domain/errors.ts";
import { decoupleMbusDevice } from "../../../operations/installation/decouple-mbus-device.ts";
import { channelOf, execution, missingObject } from "../execution.ts";
import { clearChannel, namedMbusDevice } from "./mbus-coupling.ts";

export const decoupleMbusDeviceExecution = execution(decoupleMbusDevice, {
  missing: (profile) => missingObject(profile, "MBUS_CLIENT_SETUP"),
  async run(context, { mbusDevice: identification }) {
    const { device, records, correlationUid } = context;
    const mbusDevice = await namedMbusDevice(context, identification);
    const { gateway, lifecycleStatus = "IN_USE" } = mbusDevice;
    if (lifecycleStatus !== "IN_USE") {
      const text = `${identification} is ${lifecycleStatus}; it is decoupled when its life cycle status is IN_USE`;
      throw new MetergateError("INACTIVE_DEVICE", text);
    }
    if (!gateway) return {};
    if (gateway.device !== device.identification) {
      const text = `${identification} is coupled to ${gateway.device}, not to ${device.identification}`;
      throw new MetergateError("DEVICES_NOT_COUPLED", text);
    }
    await clearChannel(context, channelOf(mbusDevice));
    await records.couple(identification, undefined, correlationUid);
    return {};
  },
});
