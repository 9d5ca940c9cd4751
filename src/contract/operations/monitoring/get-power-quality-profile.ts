import {
  getPowerQualityProfile,
  type PowerQualityEntries,
  type PowerQualityProfileRequest,
  type PowerQualityProfiles,
} from "../../../operations/monitoring/get-power-quality-profile.ts";
import type { PowerQualityType } from "../../../operations/readings.ts";
import type { common, smMonitoring as wire } from "../../generated/index.ts";
import { fromTime, fromValue } from "../power-quality.ts";
import { fromObis } from "../readings.ts";
import { toQuantity } from "../units.ts";
import { toCaptureObject } from "../values.ts";
import { wireForm } from "../wire-form.ts";

/** The time of the clock, in front of the values. */
const CLOCK: common.CaptureObject = {
  ClassId: 8,
  DataIndex: 0,
  AttributeIndex: 2,
  LogicalName: "0.0.1.0.0.255",
  unit: "UNDEFINED",
};

function fromEntries(
  { profile, columns, entries }: PowerQualityEntries,
  profileType: PowerQualityType,
): wire.PowerQualityProfileData {
  return {
    LogicalName: fromObis(profile),
    CaptureObjects: {
      CaptureObject: [
        CLOCK,
        ...columns.map(({ classId, logicalName, attribute, dataIndex, unit }) => ({
          ClassId: classId,
          DataIndex: dataIndex,
          AttributeIndex: attribute,
          LogicalName: logicalName,
          unit: toQuantity("0", unit).unit,
        })),
      ],
    },
    ProfileEntries: {
      ProfileEntry: entries.map(({ time, values }) => ({
        ProfileEntryValue: [
          { items: [fromTime(time)] },
          ...columns.map(({ isCount, unit }, i) => {
            const value = values[i];
            const told = value === null || value === undefined ? value : toQuantity(value, unit).value;
            return { items: [fromValue(told, isCount)] };
          }),
        ],
      })),
    },
    ProfileType: profileType,
  };
}

const fromProfiles = ({ profileType, profiles }: PowerQualityProfiles): wire.GetPowerQualityProfileResponse => ({
  PowerQualityProfileDatas: profiles.map((one) => fromEntries(one, profileType)),
});

function toRequest(data: wire.PowerQualityProfileRequestData): PowerQualityProfileRequest {
  const { ProfileType, BeginDate, EndDate, SelectedValues } = data;
  return {
    profileType: ProfileType as PowerQualityType,
    beginMs: BeginDate.getTime(),
    endMs: EndDate.getTime(),
    ...(SelectedValues && { selected: SelectedValues.CaptureObject.map(toCaptureObject) }),
  };
}

export const getPowerQualityProfileForm = wireForm(getPowerQualityProfile, "sm-monitoring:GetPowerQualityProfile", {
  request: toRequest,
  response: fromProfiles,
  bundle: {
    element: "GetPowerQualityProfileRequest",
    request: toRequest,
    answer: "GetPowerQualityProfileResponse",
    response: (result) => ({ Result: "OK", ...fromProfiles(result) }),
  },
});
