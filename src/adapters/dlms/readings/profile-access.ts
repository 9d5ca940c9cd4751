import type { SelectiveAccess } from "../../../dlms/apdu.ts";
import { asElements, asLogicalName, asNumber, asStructure, type CosemData, cosem } from "../../../dlms/data.ts";
import { dateTimeFromEpochMs, encodeDateTime } from "../../../dlms/date-time.ts";
import { parseObis } from "../../../lib/obis.ts";
import type { CaptureObject } from "../../../operations/values.ts";
import { encodeCaptureObject } from "../operations/push-setup.ts";

/** The time of the clock, by which profiles are ordered. */
export const CLOCK_TIME: CaptureObject = {
  classId: 8,
  logicalName: parseObis("0.0.1.0.0.255"),
  attribute: 2,
  dataIndex: 0,
};

export function isClockTime({ classId, logicalName, attribute }: CaptureObject): boolean {
  return classId === CLOCK_TIME.classId && logicalName === CLOCK_TIME.logicalName && attribute === CLOCK_TIME.attribute;
}

export function isSameColumn(a: CaptureObject, b: CaptureObject): boolean {
  return (
    a.logicalName === b.logicalName &&
    a.classId === b.classId &&
    a.attribute === b.attribute &&
    a.dataIndex === b.dataIndex
  );
}

/**
 * Attribute capture_objects of class 7: what the columns of a profile are.
 * @throws DlmsError `remote/unexpected-type`
 */
export function decodeCaptureObjects(data: CosemData): CaptureObject[] {
  return asElements(data, "capture objects").map((element) => {
    const [classId, logicalName, attribute, dataIndex] = asStructure(element, 4, "capture object");
    return {
      classId: asNumber(classId, "class"),
      logicalName: asLogicalName(logicalName),
      attribute: asNumber(attribute, "attribute index"),
      dataIndex: asNumber(dataIndex, "data index"),
    };
  });
}

/**
 * Selective access by range: the entries of a time, both ends included, and of those the given columns.
 * @param fromMs,toMs milliseconds since 1970
 * @param timeZone IANA name of the meter's time zone, in which the range is told
 * @param columns none for all of them
 */
export function accessByRange(
  fromMs: number,
  toMs: number,
  timeZone: string,
  columns: readonly CaptureObject[] = [],
): SelectiveAccess {
  const parameters = cosem.structure([
    encodeCaptureObject(CLOCK_TIME),
    cosem.octetString(localTime(fromMs, timeZone)),
    cosem.octetString(localTime(toMs, timeZone)),
    cosem.array(columns.map(encodeCaptureObject)),
  ]);
  return { selector: 1, parameters };
}

/** The day of the week is left open: it follows from the date. */
function localTime(epochMs: number, timeZone: string): Uint8Array {
  return encodeDateTime({ ...dateTimeFromEpochMs(epochMs, timeZone), dayOfWeek: undefined });
}
