import { asNumber, type CosemData } from "../../../dlms/data.ts";
import { PROFILE_STATUS_FLAGS, type ProfileStatusFlag } from "../../../operations/readings.ts";

/**
 * What the status of a profile's entry says of its values: bit 0, the least significant, is the first of the flags.
 * @throws DlmsError `remote/unexpected-type`
 */
export function decodeProfileStatus(data: CosemData): ProfileStatusFlag[] {
  const status = asNumber(data, "status");
  return PROFILE_STATUS_FLAGS.filter((_, bit) => (status & (1 << bit)) !== 0);
}
