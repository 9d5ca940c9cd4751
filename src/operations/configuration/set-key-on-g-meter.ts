import { defineOperation, type Nothing } from "../operation.ts";
import type { ContractSecretType } from "../secret-types.ts";

export interface KeyOnGMeter {
  /** Identification of the M-Bus device. */
  readonly mbusDevice: string;
  readonly secretType: ContractSecretType;
  readonly closeOpticalPort: boolean;
}

/** Gives an M-Bus device a new key; in a bundle it is addressed to the meter in front of it. */
export const setKeyOnGMeter = defineOperation<KeyOnGMeter, Nothing>({
  name: "SetKeyOnGMeter",
  addressedTo: ["meter", "mbus-device"],
  tellsMissingGateway: true,
  group: "OWNER",
  effect: "moves",
  notification: "SET_KEY_ON_G_METER",
  failure: "result",
});
