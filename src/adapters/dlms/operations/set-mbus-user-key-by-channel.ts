import { setMbusUserKeyByChannel } from "../../../operations/configuration/set-mbus-user-key-by-channel.ts";
import { execution } from "../execution.ts";
import { setGasMeterKey, whyNoKeyExchange } from "../gas-meter-key.ts";
import { readShortId } from "./mbus-channel.ts";

/** Addressed to the electricity meter, which tells what is on the channel. */
export const setMbusUserKeyByChannelExecution = execution(setMbusUserKeyByChannel, {
  missing: whyNoKeyExchange,
  async run(context, { channel }) {
    const { meter, profile, keys } = context;
    const told = await keys.inventory.findMbusDevice(await readShortId(meter, profile, channel));
    const gasMeter = await context.requireChangeable(told);
    await setGasMeterKey(context, { gasMeter, channel, type: "G_METER_ENCRYPTION_KEY", closes: false });
    return {};
  },
});
