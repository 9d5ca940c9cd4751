import { getKeys } from "../../../operations/configuration/get-keys.ts";
import { execution } from "../execution.ts";

/** Hands out the keys in use, sealed for the application that asks. */
export const getKeysExecution = execution(
  getKeys,
  async ({ vault, applicationKeys, target, caller, correlationUid }, { secretTypes }) => {
    const seal = await applicationKeys.sealerFor(caller.organisation, caller.applicationName);
    const keys = [];
    for (const secretType of secretTypes) {
      const key = await vault.getActive(target.identification, secretType, { purpose: "GetKeys", correlationUid });
      keys.push({ secretType, sealed: key && seal(key) });
    }
    return { keys };
  },
);
