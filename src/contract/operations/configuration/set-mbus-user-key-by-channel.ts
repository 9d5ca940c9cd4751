import { setMbusUserKeyByChannel } from "../../../operations/configuration/set-mbus-user-key-by-channel.ts";
import { change, wireForm } from "../wire-form.ts";

export const setMbusUserKeyByChannelForm = wireForm(
  setMbusUserKeyByChannel,
  "sm-configuration:SetMbusUserKeyByChannel",
  {
    ...change,
    request: (r) => ({ channel: r.SetMbusUserKeyByChannelRequestData.Channel }),
  },
);
