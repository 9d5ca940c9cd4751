import type { Hex } from "../../lib/bytes.ts";
import { defineOperation } from "../operation.ts";
import type { ContractSecretType } from "../secret-types.ts";

export interface SealedSecrets {
  /** Sealed for the asking application's public key; null when the vault holds none of that type. */
  readonly keys: readonly { readonly secretType: ContractSecretType; readonly sealed: Hex | null }[];
}

export const getKeys = defineOperation<{ readonly secretTypes: readonly ContractSecretType[] }, SealedSecrets>({
  name: "GetKeys",
  runsOn: "platform",
  addressedTo: ["meter", "mbus-device"],
  group: "OWNER",
  effect: "reads",
  notification: "GET_KEYS",
  failure: "fault",
});
