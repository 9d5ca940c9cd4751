import { asNumber, type CosemData } from "../../../dlms/data.ts";
import { type ProfileStatusFlag, statusFlags } from "../../../operations/readings.ts";

/**
 * What the status of a profile's entry says of its values.
 * @throws DlmsError `remote/unexpected-type`
 */
export function decodeProfileStatus(data: CosemData): ProfileStatusFlag[] {
  return statusFlags(asNumber(data, "status"));
}
