import type { CosemData } from "../../../dlms/data.ts";
import type { PeriodType, ProfileStatusFlag } from "../../../operations/readings.ts";
import type { CaptureObject } from "../../../operations/values.ts";
import { hasObject, type ObjectTag, type Profile } from "../profiles/index.ts";
import type { CaptureStep } from "../readings/capture-time.ts";
import { decodeProfileStatus } from "../readings/profile-status.ts";

/** Calendar steps of billing profiles; load profiles have a capture period. */
export const STEPS: Readonly<Record<PeriodType, CaptureStep | undefined>> = {
  INTERVAL: undefined,
  DAILY: "day",
  MONTHLY: "month",
};

/** The profile of electricity or gas; up to SMR 4.3 both share one of days and one of months. */
export function profileTag(profile: Profile, period: PeriodType, medium: "E" | "G"): ObjectTag {
  const own = `${period}_VALUES_${medium}` as const;
  return period === "INTERVAL" || hasObject(profile, own) ? own : `${period}_VALUES_COMBINED`;
}

/** The status of an entry: AMR profile status, of the meter itself or of an M-Bus channel. */
export function isStatus({ classId, logicalName, attribute }: CaptureObject): boolean {
  return classId === 1 && attribute === 2 && /^0\.[0-4]\.96\.10\.\d+\.255$/.test(logicalName);
}

/** Whether a column is attribute 2, or another one, of an object. */
export function isOf(
  column: CaptureObject,
  object: Pick<CaptureObject, "classId" | "logicalName">,
  attribute = 2,
): boolean {
  return (
    column.logicalName === object.logicalName &&
    column.classId === object.classId &&
    column.attribute === attribute &&
    column.dataIndex === 0
  );
}

/** @param status undefined or null-data when the entry has none */
export function statusOf(status: CosemData | undefined): { readonly status?: ProfileStatusFlag[] } {
  return status === undefined || status.type === "null-data" ? {} : { status: decodeProfileStatus(status) };
}
