import type { OperationResult } from "../../../operations/registry.ts";
import type { Operation } from "../operation.ts";

type SealedKeys = OperationResult<"GetKeys">["keys"];

/** Hands out the keys in use, sealed for the application that asks. Connects to no meter. */
export const getKeys: Operation<"GetKeys"> = {
  missing: () => undefined,
  async run({ keys, target, caller, correlationUid }, { secretTypes }) {
    const seal = await keys.applicationKeys.sealerFor(caller.organisation, caller.applicationName);
    const sealed: SealedKeys[number][] = [];
    for (const secretType of secretTypes) {
      const purpose = { purpose: "GetKeys", correlationUid };
      const key = await keys.vault.getActive(target.identification, secretType, purpose);
      sealed.push({ secretType, sealed: key && seal(key) });
    }
    return { keys: sealed };
  },
};
