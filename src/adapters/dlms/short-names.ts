import type { AttributeReference } from "../../dlms/apdu.ts";
import { asElements, asLogicalName, asNumber, asStructure, type CosemData } from "../../dlms/data.ts";
import type { NamedVariable, ServiceRequest, ServiceResponse } from "../../dlms/services.ts";
import { MetergateError } from "../../domain/errors.ts";

/** object_list of the association itself (class 12, attribute 2): base name 0xFA00 and one attribute on. */
const OBJECT_LIST: NamedVariable = { shortName: 0xfa08 };
/** From one attribute to the next (IEC 62056-6-2, short-name mapping). */
const ATTRIBUTE_STEP = 8;

type ReadRequest = Extract<ServiceRequest, { type: "read" }>;
type ReadResponse = Extract<ServiceResponse, { type: "read" }>;

/** Which short names stand for which objects in one association. */
export class ShortNames {
  readonly #baseNames: ReadonlyMap<string, number>;

  /** @throws DlmsError `remote/unexpected-type` when it is no object list. */
  constructor(objectList: CosemData) {
    const names = new Map<string, number>();
    for (const element of asElements(objectList, "object list")) {
      const [baseName, classId, , logicalName] = asStructure(element, 4, "object list element");
      // The base name is a signed number of 16 bits on the wire.
      const base = asNumber(baseName, "base name") & 0xffff;
      names.set(`${asNumber(classId, "class id")}/${asLogicalName(logicalName, "logical name")}`, base);
    }
    this.#baseNames = names;
  }

  /** The variable that stands for an attribute; undefined when the association does not show the object. */
  variableOf({ classId, logicalName, attribute, access }: AttributeReference): NamedVariable | undefined {
    const base = this.#baseNames.get(`${classId}/${logicalName}`);
    if (base === undefined) return undefined;
    return { shortName: base + (attribute - 1) * ATTRIBUTE_STEP, access };
  }
}

/**
 * Asks the meter for its short names.
 * @throws MetergateError ERROR_RETRIEVING_ATTRIBUTE_VALUE; DlmsError when the list makes no sense.
 */
export async function readShortNames(request: (read: ReadRequest) => Promise<ReadResponse>): Promise<ShortNames> {
  const [result] = (await request({ type: "read", variables: [OBJECT_LIST] })).results;
  if (result && "data" in result) return new ShortNames(result.data);
  throw new MetergateError(
    "ERROR_RETRIEVING_ATTRIBUTE_VALUE",
    `The list of short names cannot be read: ${result?.error}`,
    { retry: result?.error === "temporary-failure" },
  );
}
