import { obisToBytes } from "../../../lib/obis.ts";
import { getAssociationLnObjects } from "../../../operations/adhoc/get-association-ln-objects.ts";
import { type AssociationLnElement, ATTRIBUTE_ACCESS_MODES } from "../../../operations/association-objects.ts";
import type { smAdhoc as wire } from "../../generated/index.ts";
import { nothing, wireForm } from "../wire-form.ts";

const ATTRIBUTE_MODES = ATTRIBUTE_ACCESS_MODES satisfies readonly wire.AttributeAccessModeType[];
/** Positions are the numbers on the wire of the meter (Blue Book, class 15, access_mode). */
const METHOD_MODES = [
  "NO_ACCESS",
  "ACCESS",
  "AUTHENTICATED_ACCESS",
] as const satisfies readonly wire.MethodAccessModeType[];

/** An access mode that the contract has no word for is left out: nothing is said about that attribute or method. */
function fromAssociationLnElement(object: AssociationLnElement): wire.AssociationLnListElement {
  return {
    ClassId: object.classId,
    Version: object.version,
    LogicalName: obisToBytes(object.logicalName),
    AccessRights: {
      AttributeAccess: {
        AttributeAccessItem: object.attributes.flatMap(({ id, mode, selectors }) => {
          const AccessMode = ATTRIBUTE_MODES[mode];
          return AccessMode ? [{ AttributeId: id, AccessMode, AccessSelectors: { AccessSelector: selectors } }] : [];
        }),
      },
      MethodAccess: {
        MethodAccessItem: object.methods.flatMap(({ id, mode }) => {
          const AccessMode = METHOD_MODES[mode];
          return AccessMode ? [{ MethodId: id, AccessMode }] : [];
        }),
      },
    },
  };
}

export const getAssociationLnObjectsForm = wireForm(getAssociationLnObjects, "sm-adhoc:GetAssociationLnObjects", {
  request: nothing,
  response: ({ objects }) => ({
    Result: "OK",
    AssociationLnList: { AssociationLnListElement: objects.map(fromAssociationLnElement) },
  }),
  // No place for a text here; the empty list is what the schema asks for.
  errorResponse: () => ({ Result: "NOT OK", AssociationLnList: { AssociationLnListElement: [] } }),
  bundle: {
    element: "GetAssociationLnObjectsRequest",
    request: nothing,
    answer: "AssociationLnObjectsResponse",
    response: ({ objects }) => ({
      Result: "OK",
      AssociationLnList: { AssociationLnListElement: objects.map(fromAssociationLnElement) },
    }),
  },
});
