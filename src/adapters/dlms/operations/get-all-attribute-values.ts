import type { GetResult } from "../../../dlms/apdu.ts";
import type { CosemData } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { type AssociationLnElement, ATTRIBUTE_ACCESS_MODES } from "../../../domain/operations.ts";
import { isSecret } from "../../../domain/validate.ts";
import { toHex } from "../../../lib/bytes.ts";
import { missingObject, type Operation, type OperationContext } from "../operation.ts";
import { tagOf } from "../profiles/index.ts";
import { readObjectList } from "./object-list.ts";

type Json = null | boolean | number | string | readonly Json[];

/** A value as JSON: octets in hexadecimal, bits as 0 and 1, 64-bit integers as text because JSON numbers lose digits. */
export function toJson(data: CosemData): Json {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return null;
    case "array":
    case "structure":
    case "compact-array":
      return data.value.map(toJson);
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return toHex(data.value);
    case "bit-string":
      return [...data.value.bytes]
        .map((octet) => octet.toString(2).padStart(8, "0"))
        .join("")
        .slice(0, data.value.length);
    case "long64":
    case "long64-unsigned":
      return data.value.toString();
    default:
      return data.value;
  }
}

/** The results of an object's attributes, in their order; undefined when the meter could not be asked for them. */
async function readObject(
  { meter }: OperationContext,
  { classId, logicalName, attributes }: AssociationLnElement,
): Promise<readonly GetResult[] | undefined> {
  try {
    return await meter.getList(attributes.map(({ id }) => ({ classId, logicalName, attribute: id })));
  } catch (error) {
    // An answer that makes no sense spoils this object only, as long as there is a connection.
    if (error instanceof MetergateError && !meter.failure) return undefined;
    throw error;
  }
}

/** Every readable value of every object that the association shows, as an indented JSON array. */
export const getAllAttributeValues: Operation<"GetAllAttributeValues"> = {
  missing: (profile) => missingObject(profile, "ASSOCIATION_LN"),
  async run(context) {
    const contents: unknown[] = [];
    for (const element of await readObjectList(context.meter, context.profile)) {
      const results = await readObject(context, element);
      contents.push({
        tag: tagOf(context.profile, element.classId, element.logicalName),
        "class-id": element.classId,
        version: element.version,
        obis: element.logicalName,
        attributes: results?.map((result, i) => {
          const { id, mode } = element.attributes[i]!;
          const read =
            "data" in result && !isSecret(element.classId, id)
              ? { datatype: result.data.type, value: toJson(result.data) }
              : {};
          return { id, ...read, access: ATTRIBUTE_ACCESS_MODES[mode] };
        }),
      });
    }
    return { output: JSON.stringify(contents, null, 2) };
  },
};
