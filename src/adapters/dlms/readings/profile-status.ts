import { asNumber, type CosemData } from "../../../dlms/data.ts";

/** Bits of the status column of load and billing profiles, least significant first. */
const FLAGS = [
  "CRITICAL_ERROR",
  "CLOCK_INVALID",
  "DATA_NOT_VALID",
  "DAYLIGHT_SAVING",
  "NOT_USED",
  "CLOCK_ADJUSTED",
  "RECOVERED_VALUE",
  "POWER_DOWN",
] as const;

export type ProfileStatusFlag = (typeof FLAGS)[number];

/**
 * What the status of a profile's entry says of its values.
 * @throws DlmsError `remote/unexpected-type`
 */
export function decodeProfileStatus(data: CosemData): ProfileStatusFlag[] {
  const status = asNumber(data, "status");
  return FLAGS.filter((_, bit) => (status & (1 << bit)) !== 0);
}
