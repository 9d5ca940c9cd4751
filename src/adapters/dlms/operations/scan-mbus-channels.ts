import { scanMbusChannels } from "../../../operations/adhoc/scan-mbus-channels.ts";
import type { MbusShortId } from "../../../operations/mbus.ts";
import { execution, missingObject } from "../execution.ts";
import { readShortId } from "./mbus-channel.ts";

const CHANNELS = [1, 2, 3, 4] as const;

export const scanMbusChannelsExecution = execution(scanMbusChannels, {
  missing: (profile) => missingObject(profile, "MBUS_CLIENT_SETUP"),
  async run({ meter, profile }) {
    const channels: MbusShortId[] = [];
    for (const channel of CHANNELS) channels.push(await readShortId(meter, profile, channel));
    return { channels };
  },
});
