import {
  type CommunicationSettings,
  setDeviceCommunicationSettings,
} from "../../../operations/management/set-device-communication-settings.ts";
import type { smManagement as wire } from "../../generated/index.ts";
import { inRange } from "../values.ts";
import { done, wireForm } from "../wire-form.ts";

function toSettings(data: wire.SetDeviceCommunicationSettingsData): CommunicationSettings {
  return {
    challengeLength: inRange("ChallengeLength", data.ChallengeLength, 8, 64),
    withListMax: inRange("WithListMax", data.WithListMax, 0, 255),
    selectiveAccessSupported: data.SelectiveAccessSupported,
    ipAddressIsStatic: data.IpAddressIsStatic,
    useSn: data.UseSn,
    useHdlc: data.UseHdlc,
    polyphase: data.Polyphase,
  };
}

export const setDeviceCommunicationSettingsForm = wireForm(
  setDeviceCommunicationSettings,
  "sm-management:SetDeviceCommunicationSettings",
  { request: (r) => toSettings(r.SetDeviceCommunicationSettingsData), response: done },
);
