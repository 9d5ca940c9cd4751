import type { SecretType } from "../../domain/device.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { CloudAccount } from "./cloud-client.ts";
import { CLOUD_PASSWORD, type Gateway } from "./device.ts";

/** Who reads a secret, for the audit. */
export interface SecretPurpose {
  readonly purpose: string;
  readonly correlationUid?: string | undefined;
}

export interface AccountParts {
  readonly vault: {
    getActive(device: string, type: SecretType, purpose: SecretPurpose): Promise<Uint8Array | null>;
  };
}

/**
 * The cloud's account of a gateway, with its password.
 * @throws MetergateError KEY_NOT_PRESENT, VAULT_UNREADABLE
 */
export async function accountOf(
  { vault }: AccountParts,
  { identification, smartEnergy }: Gateway,
  purpose: SecretPurpose,
): Promise<CloudAccount> {
  const password = await vault.getActive(identification, CLOUD_PASSWORD, purpose);
  if (!password) throw new MetergateError("KEY_NOT_PRESENT", `${identification} has no ${CLOUD_PASSWORD}`);
  const { cloud, user } = smartEnergy;
  return { cloud, user, password: Buffer.from(password).toString("latin1") };
}
