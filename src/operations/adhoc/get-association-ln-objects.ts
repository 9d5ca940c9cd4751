import type { AssociationLnElement } from "../association-objects.ts";
import { defineOperation, type Nothing } from "../operation.ts";

export const getAssociationLnObjects = defineOperation<Nothing, { readonly objects: readonly AssociationLnElement[] }>({
  name: "GetAssociationLnObjects",
  group: "AD_HOC",
  effect: "reads",
  notification: "GET_ASSOCIATION_LN_OBJECTS",
  failure: "result",
});
