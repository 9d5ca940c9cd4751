import { MetergateError } from "../../../domain/errors.ts";
import { setDeviceCommunicationSettings } from "../../../operations/management/set-device-communication-settings.ts";
import { execution } from "../execution.ts";
import { LARGEST_HDLC_PART } from "../record.ts";

function refuse(text: string): never {
  throw new MetergateError("VALIDATION_ERROR", text);
}

/** Changes the record alone; from the next request on, the meter is talked to in this way. */
export const setDeviceCommunicationSettingsExecution = execution(setDeviceCommunicationSettings, {
  async run({ records, device }, { withListMax, ...settings }) {
    const { dlms, security, identification } = device;
    if (!dlms) refuse(`${identification} is not reached itself`);
    if (settings.useSn && security.hls5Active) {
      refuse(`${identification} asks for HLS 5, which does not go together with short names`);
    }
    if (settings.useHdlc && dlms.logicalDevice > LARGEST_HDLC_PART) {
      refuse(`Logical device ${dlms.logicalDevice} is too large for an HDLC address`);
    }
    await records.setCommunication(identification, { ...settings, withListMax: Math.max(1, withListMax) });
    return {};
  },
});
