import * as z from "zod";
import { configureWlan, type WlanChange } from "../../../operations/egauge/configure-wlan.ts";
import { execution, type OperationContext } from "../execution.ts";
import { openText } from "../secrets.ts";
import { earlier, type SentNote, sendOnce } from "../sent-once.ts";

const PASSPHRASE = /^[\x20-\x7e]{8,63}$/;
const HEX_KEY = /^([0-9A-Fa-f]{2}){1,64}$/;

/** What /sys/net/wlan holds is not described: names and numbers of networks are what we take from it. */
const known = z.looseObject({
  networks: z
    .array(z.looseObject({ id: z.int().min(0), ssid: z.string() }))
    .max(1000)
    .default([]),
});

async function knownNetworks({ meter }: OperationContext): Promise<readonly { id: number; ssid: string }[]> {
  const parsed = known.safeParse(await meter.result("/sys/net/wlan"));
  return parsed.success ? parsed.data.networks : [];
}

/** Whether an earlier run has done it: a network is not added twice, and none is forgotten that is not there. */
async function isDone(context: OperationContext, { action, ssid, networkId }: WlanChange): Promise<boolean> {
  if (action === "select" || !(await earlier<SentNote>(context))) return false;
  const networks = await knownNetworks(context);
  return action === "add"
    ? networks.some((network) => network.ssid === ssid)
    : !networks.some(({ id }) => id === networkId);
}

export const configureWlanExecution = execution(configureWlan, {
  async run(context, request) {
    const { action, ssid, hidden, key, keyIsHex, networkId } = request;
    if (await isDone(context, request)) return {};
    const pattern = keyIsHex ? HEX_KEY : PASSPHRASE;
    const body =
      action === "add"
        ? {
            ...{ action, ssid, hidden },
            ...(key !== undefined && {
              key: openText(context.platformKeys, key, "EncryptionKey", pattern),
              hex: keyIsHex,
            }),
          }
        : { action, id: networkId };
    await sendOnce<SentNote>(context, "/cmd/wlan", body, { sent: true });
    return {};
  },
});
