import { getAssociationLnObjects } from "../../../operations/adhoc/get-association-ln-objects.ts";
import { execution, missingObject } from "../execution.ts";
import { readObjectList } from "./object-list.ts";

export const getAssociationLnObjectsExecution = execution(getAssociationLnObjects, {
  missing: (profile) => missingObject(profile, "ASSOCIATION_LN"),
  async run({ meter, profile }) {
    return { objects: await readObjectList(meter, profile) };
  },
});
