import type { Unit } from "../../domain/unit.ts";
import type { DecimalText } from "../../lib/decimal.ts";
import type { ObisCode } from "../../lib/obis.ts";
import { defineOperation } from "../operation.ts";
import {
  checkPowerQualityType,
  checkRange,
  type MeterTime,
  type PowerQualityType,
  type TimeRange,
} from "../readings.ts";
import type { CaptureObject } from "../values.ts";

export interface PowerQualityProfileRequest extends TimeRange {
  readonly profileType: PowerQualityType;
  /** Only these of the values; all when absent. */
  readonly selected?: readonly CaptureObject[] | undefined;
}

/** Entries of one profile. */
export interface PowerQualityEntries {
  readonly profile: ObisCode;
  /** What the values of each entry are, behind its time. */
  readonly columns: readonly (CaptureObject & { readonly unit: Unit; readonly isCount: boolean })[];
  readonly entries: readonly {
    readonly time: MeterTime;
    /** One for each of the columns, null for none. */
    readonly values: readonly (DecimalText | null)[];
  }[];
}

export interface PowerQualityProfiles {
  readonly profileType: PowerQualityType;
  readonly profiles: readonly PowerQualityEntries[];
}

export const getPowerQualityProfile = defineOperation<PowerQualityProfileRequest, PowerQualityProfiles>({
  name: "GetPowerQualityProfile",
  group: "MONITORING",
  effect: "reads",
  notification: "GET_PROFILE_GENERIC_DATA",
  failure: "fault",
  check(request) {
    checkPowerQualityType(request);
    checkRange(request);
  },
});
