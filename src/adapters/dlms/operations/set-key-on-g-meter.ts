import { MetergateError } from "../../../domain/errors.ts";
import { setKeyOnGMeter } from "../../../operations/configuration/set-key-on-g-meter.ts";
import { mbusOf } from "../../../operations/mbus.ts";
import type { ChangeableDevice } from "../../run-actions.ts";
import { channelOf, execution, type OperationContext } from "../execution.ts";
import { setGasMeterKey, whyNoKeyExchange } from "../gas-meter-key.ts";
import { MBUS_KEY_IDS, type MbusKeyType } from "../mbus-key.ts";

const isMbusKeyType = (type: string): type is MbusKeyType => Object.hasOwn(MBUS_KEY_IDS, type);

/** The M-Bus device that is meant. */
async function findGasMeter(context: OperationContext, identification: string): Promise<ChangeableDevice> {
  const { keys, target } = context;
  const gasMeter = target.identification === identification ? target : await keys.inventory.find(identification);
  if (!gasMeter) throw new MetergateError("UNKNOWN_DEVICE", `There is no device ${identification}`);
  if (mbusOf(target) && gasMeter !== target) {
    const text = `The request is for ${target.identification}, but its content names ${identification}`;
    throw new MetergateError("VALIDATION_ERROR", text);
  }
  return context.requireChangeable(gasMeter);
}

/** Addressed to the M-Bus device, or in a bundle to the meter in front of it. */
export const setKeyOnGMeterExecution = execution(setKeyOnGMeter, {
  missing: whyNoKeyExchange,
  async run(context, { mbusDevice, secretType, closeOpticalPort }) {
    if (!isMbusKeyType(secretType)) {
      const text = `Invalid key type ${secretType} in request to set key on g-meter`;
      throw new MetergateError("VALIDATION_ERROR", text);
    }
    const gasMeter = await findGasMeter(context, mbusDevice);
    const closes = closeOpticalPort && secretType === "G_METER_OPTICAL_PORT_KEY";
    await setGasMeterKey(context, { gasMeter, channel: channelOf(gasMeter), type: secretType, closes });
    return {};
  },
});
