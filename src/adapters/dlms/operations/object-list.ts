import { asElements, asLogicalName, asNumber, asStructure, type CosemData } from "../../../dlms/data.ts";
import type { AssociationLnElement } from "../../../operations/association-objects.ts";
import { attributeOf, findObject, type Profile } from "../profiles/index.ts";
import type { MeterSession } from "../session.ts";

/** An access mode; version 0 of the association has a boolean for methods. */
function modeOf(data: CosemData, what: string): number {
  return data.type === "boolean" ? Number(data.value) : asNumber(data, what);
}

function decodeAttributeAccess(data: CosemData): AssociationLnElement["attributes"][number] {
  const [id, mode, selectors] = asStructure(data, 3, "attribute access item");
  return {
    id: asNumber(id, "attribute id"),
    mode: modeOf(mode, "access mode"),
    selectors:
      selectors.type === "null-data"
        ? []
        : asElements(selectors, "access selectors").map((selector) => asNumber(selector, "access selector")),
  };
}

function decodeMethodAccess(data: CosemData): AssociationLnElement["methods"][number] {
  const [id, mode] = asStructure(data, 2, "method access item");
  return { id: asNumber(id, "method id"), mode: modeOf(mode, "access mode") };
}

/**
 * object_list of class 15, attribute 2.
 * @throws DlmsError `remote/unexpected-type` when it is built otherwise.
 */
export function decodeObjectList(data: CosemData): AssociationLnElement[] {
  return asElements(data, "object list").map((element) => {
    const [classId, version, logicalName, rights] = asStructure(element, 4, "object list element");
    const [attributes, methods] = asStructure(rights, 2, "access rights");
    return {
      classId: asNumber(classId, "class id"),
      version: asNumber(version, "class version"),
      logicalName: asLogicalName(logicalName, "logical name"),
      attributes: asElements(attributes, "attribute access").map(decodeAttributeAccess),
      methods: asElements(methods, "method access").map(decodeMethodAccess),
    };
  });
}

/** The objects that the association shows. */
export async function readObjectList(meter: MeterSession, profile: Profile): Promise<AssociationLnElement[]> {
  return decodeObjectList(await meter.get(attributeOf(findObject(profile, "ASSOCIATION_LN"), 2)));
}
