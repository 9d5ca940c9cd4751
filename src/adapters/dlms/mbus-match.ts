import type { ChannelValues, MbusIdentity } from "../../operations/mbus.ts";

/** What the identification number counts among the parts of an identity; every other part counts one. */
const IDENTIFICATION_WEIGHT = 5;
const NO_IDENTIFICATION = "00000000";

type Part = readonly [weight: number, told: string | number, meant: string | number];

function partsOf(told: ChannelValues, meant: MbusIdentity): readonly Part[] {
  return [
    [IDENTIFICATION_WEIGHT, told.identificationNumber, meant.identificationNumber],
    [1, told.manufacturerIdentification, meant.manufacturerIdentification],
    [1, told.versionIdentification, meant.version],
    [1, told.deviceTypeIdentification, meant.deviceType],
  ];
}

/**
 * How well what is on a channel matches an M-Bus device, 0 for not at all. A channel with another identification number
 * has another device on it, however alike the two are otherwise: meters of one make hang side by side.
 */
function scoreOf(told: ChannelValues, meant: MbusIdentity): number {
  const { identificationNumber: number } = told;
  if (number !== NO_IDENTIFICATION && number !== meant.identificationNumber) return 0;
  const equal = partsOf(told, meant).filter(([, one, other]) => one === other);
  return equal.reduce((sum, [weight]) => sum + weight, 0);
}

/** The channel that matches best, the first of several; all four parts being equal match better than anything else. */
export function bestMatch(channels: readonly ChannelValues[], meant: MbusIdentity): ChannelValues | undefined {
  let best: { readonly channel: ChannelValues; readonly score: number } | undefined;
  for (const channel of channels) {
    const score = scoreOf(channel, meant);
    if (score > (best?.score ?? 0)) best = { channel, score };
  }
  return best?.channel;
}

/** Nothing at all is known of a device on the channel. */
export function isUnused(told: ChannelValues): boolean {
  return (
    told.identificationNumber === NO_IDENTIFICATION &&
    told.manufacturerIdentification === "" &&
    told.versionIdentification === 0 &&
    told.deviceTypeIdentification === 0 &&
    told.primaryAddress === 0
  );
}
