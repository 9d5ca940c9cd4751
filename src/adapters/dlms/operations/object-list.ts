import type { CosemData } from "../../../dlms/data.ts";
import { attributeAccessMode, decodeObjectList as decode, methodAccessMode } from "../../../dlms/object-list.ts";
import type { AssociationLnElement } from "../../../operations/association-objects.ts";
import { attributeOf, findObject, type Profile } from "../profiles/index.ts";
import type { MeterSession } from "../session.ts";

/**
 * object_list of class 15, attribute 2. Access rights of version 3 are told as the modes that come nearest.
 * @throws DlmsError `remote/unexpected-type` when it is built otherwise.
 */
export function decodeObjectList(data: CosemData): AssociationLnElement[] {
  return decode(data).map(({ attributes, methods, ...object }) => ({
    ...object,
    attributes: attributes.map((access) => ({
      id: access.id,
      mode: attributeAccessMode(access),
      selectors: access.selectors,
    })),
    methods: methods.map((access) => ({ id: access.id, mode: methodAccessMode(access) })),
  }));
}

/** The objects that the association shows. */
export async function readObjectList(meter: MeterSession, profile: Profile): Promise<AssociationLnElement[]> {
  return decodeObjectList(await meter.get(attributeOf(findObject(profile, "ASSOCIATION_LN"), 2)));
}
