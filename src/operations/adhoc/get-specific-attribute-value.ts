import type { ObisCode } from "../../lib/obis.ts";
import { refuse } from "../checks.ts";
import { defineOperation } from "../operation.ts";
import { isSecret } from "../secret-attributes.ts";

export interface AttributeName {
  /** 0 … 65535 */
  readonly classId: number;
  /** −128 … 127 */
  readonly attribute: number;
  readonly logicalName: ObisCode;
}

export const getSpecificAttributeValue = defineOperation<AttributeName, { readonly text: string }>({
  name: "GetSpecificAttributeValue",
  group: "AD_HOC",
  effect: "reads",
  notification: "GET_SPECIFIC_ATTRIBUTE_VALUE",
  failure: "fault",
  check({ classId, attribute }) {
    if (isSecret(classId, attribute))
      refuse(`Attribute ${attribute} of class ${classId} holds a secret and is not read`);
  },
});
