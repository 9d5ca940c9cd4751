import { equalBytes } from "../../../lib/bytes.ts";
import { replaceKeys } from "../../../operations/configuration/replace-keys.ts";
import { execution, type OperationContext } from "../execution.ts";
import { changeKeys, keyChangePurpose, transferNewKey } from "../key-exchange.ts";
import { ASSOCIATION_KEYS, type AssociationKey } from "../key-recovery.ts";

/**
 * Stores a key as new, unless the meter has it already: an attempt before may have brought it there. What this request
 * brought once is not brought again, even when another key has followed it: a meter that takes a key a second time may
 * begin anew with its counters.
 * @returns whether it is to be brought into the meter
 */
async function storeGiven(context: OperationContext, type: AssociationKey, value: Uint8Array): Promise<boolean> {
  const { device, keys, actionId } = context;
  const { vault } = keys;
  const purpose = keyChangePurpose(context);
  const states = (await vault.broughtBy(device.identification, actionId)).flatMap((secret) =>
    secret.type === type ? [secret.state] : [],
  );
  if (states.includes("ACTIVE") || states.includes("EXPIRED")) return false;
  const active = await vault.getActive(device.identification, type, purpose);
  const waiting = await vault.getNew(device.identification, type, purpose);
  const isInUse = active !== null && equalBytes(active, value);
  if (isInUse && !waiting) return false;
  if (!waiting || !equalBytes(waiting, value) || !states.includes("NEW")) {
    await vault.storeNew(device.identification, [{ type, value }], actionId);
  }
  // Another new key is left from a change that failed; the meter does not have it, and it must not wait any longer.
  if (isInUse) await vault.activate(device.identification, [type]);
  return !isInUse;
}

/** Brings keys into the meter that the caller chose and sealed for us. */
export const replaceKeysExecution = execution(replaceKeys, {
  async run(context, { authenticationKey, encryptionKey }) {
    const { platformKeys } = context.keys;
    const given: Readonly<Record<AssociationKey, Uint8Array>> = {
      E_METER_AUTHENTICATION_KEY: platformKeys.openKey(authenticationKey),
      E_METER_ENCRYPTION_KEY_UNICAST: platformKeys.openKey(encryptionKey),
    };
    await changeKeys(context, async (masterKey) => {
      for (const type of ASSOCIATION_KEYS) {
        if (await storeGiven(context, type, given[type])) await transferNewKey(context, masterKey, type);
      }
    });
    return {};
  },
});
