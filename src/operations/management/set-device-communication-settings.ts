import { requireRange } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";

/** How a device is talked to. */
export interface CommunicationSettings {
  /** Octets of our challenge, 8 … 64. */
  readonly challengeLength: number;
  /** Most attributes in one request, 0 … 255; 0 and 1 both mean single requests. */
  readonly withListMax: number;
  readonly selectiveAccessSupported: boolean;
  readonly ipAddressIsStatic: boolean;
  readonly useSn: boolean;
  readonly useHdlc: boolean;
  readonly polyphase: boolean;
}

/** The device's family knows what goes together; the device itself is not connected to. */
export const setDeviceCommunicationSettings = defineOperation<CommunicationSettings, Nothing>({
  name: "SetDeviceCommunicationSettings",
  group: "MANAGEMENT",
  effect: "writes",
  notification: "SET_DEVICE_COMMUNICATION_SETTINGS",
  failure: "fault",
  check({ challengeLength, withListMax }) {
    requireRange("ChallengeLength", challengeLength, 8, 64);
    requireRange("WithListMax", withListMax, 0, 255);
  },
});
