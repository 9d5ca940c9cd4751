import { setRelay } from "../../../operations/ekm/set-relay.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setRelayForm = wireForm(setRelay, "ekm-meter-settings:SetRelay", {
  request: ({ Relay, Status, DurationSeconds }) => ({ relay: Relay, status: Status, durationS: DurationSeconds }),
  response: confirmed,
});
