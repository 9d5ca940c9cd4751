import { generateAndReplaceKeys } from "../../../operations/configuration/generate-and-replace-keys.ts";
import { execution } from "../execution.ts";
import { changeKeys, transferNewKey } from "../key-exchange.ts";
import { ASSOCIATION_KEYS, type AssociationKey } from "../key-recovery.ts";

/** Makes keys that only the vault knows, and brings them into the meter. Goes on where an attempt before was cut. */
export const generateAndReplaceKeysExecution = execution(generateAndReplaceKeys, {
  async run(context) {
    const { device, keys, actionId } = context;
    const { vault } = keys;
    await changeKeys(context, async (masterKey) => {
      const brought = await vault.broughtBy(device.identification, actionId);
      const isIn = (type: AssociationKey, states: readonly string[]) =>
        brought.some((secret) => secret.type === type && states.includes(secret.state));
      const due = ASSOCIATION_KEYS.filter((type) => !isIn(type, ["ACTIVE", "EXPIRED"]));
      const unmade = due.filter((type) => !isIn(type, ["NEW"]));
      if (unmade.length > 0) await vault.generateAndStoreNew(device.identification, unmade, actionId);
      for (const type of due) await transferNewKey(context, masterKey, type);
    });
    return {};
  },
});
