import type { GetResult } from "../../../dlms/apdu.ts";
import type { CosemData } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { toHex } from "../../../lib/bytes.ts";
import { getAllAttributeValues } from "../../../operations/adhoc/get-all-attribute-values.ts";
import { type AssociationLnElement, ATTRIBUTE_ACCESS_MODES } from "../../../operations/association-objects.ts";
import { isSecret } from "../../../operations/secret-attributes.ts";
import { execution, missingObject, type OperationContext, resultName } from "../execution.ts";
import { tagOf } from "../profiles/index.ts";
import { readObjectList } from "./object-list.ts";

type Json = null | boolean | number | string | readonly Json[];

/** A value as JSON: octets in hexadecimal, bits as 0 and 1, 64-bit integers as text because JSON numbers lose digits,
 * NaN and infinities as text because JSON has none. */
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
    case "float32":
    case "float64":
      return Number.isFinite(data.value) ? data.value : String(data.value);
    default:
      return data.value;
  }
}

/** A value, or why there is none. */
type Read = { readonly datatype: CosemData["type"]; readonly value: Json } | { readonly error: string };

function toRead(result: GetResult): Read {
  if ("error" in result) return { error: resultName(result.error) };
  return { datatype: result.data.type, value: toJson(result.data) };
}

/** An answer that makes no sense says nothing about other attributes, as long as there is a connection. */
async function orElse<T>({ meter }: OperationContext, read: Promise<T>, otherwise: (e: MetergateError) => T) {
  try {
    return await read;
  } catch (error) {
    if (error instanceof MetergateError && !meter.failure) return otherwise(error);
    throw error;
  }
}

/** What an object's attributes hold, in their order: in lists, and one by one where a list is not answered usably. */
async function readObject(context: OperationContext, element: AssociationLnElement): Promise<Read[]> {
  const { classId, logicalName } = element;
  const attributes = element.attributes
    .filter(({ id }) => !isSecret(classId, id))
    .map(({ id }) => ({ classId, logicalName, attribute: id }));
  const listed = await orElse<GetResult[] | undefined>(context, context.meter.getList(attributes), () => undefined);
  const reads = new Map<number, Read>();
  for (const [i, attribute] of attributes.entries()) {
    const read = listed
      ? toRead(listed[i]!)
      : await orElse(context, context.meter.tryGet(attribute).then(toRead), ({ message }) => ({ error: message }));
    reads.set(attribute.attribute, read);
  }
  return element.attributes.map(({ id }) => reads.get(id) ?? { error: "holds a secret and is not read" });
}

/** Every object that the association shows, each attribute with its value or why there is none, as an indented JSON array. */
export const getAllAttributeValuesExecution = execution(getAllAttributeValues, {
  missing: (profile) => missingObject(profile, "ASSOCIATION_LN"),
  async run(context) {
    const contents: unknown[] = [];
    for (const element of await readObjectList(context.meter, context.profile)) {
      const reads = await readObject(context, element);
      contents.push({
        tag: tagOf(context.profile, element.classId, element.logicalName),
        "class-id": element.classId,
        version: element.version,
        obis: element.logicalName,
        attributes: element.attributes.map(({ id, mode }, i) => ({
          id,
          ...reads[i],
          access: ATTRIBUTE_ACCESS_MODES[mode],
        })),
      });
    }
    return { output: JSON.stringify(contents, null, 2) };
  },
});
