import { setMbusUserKeyByChannel } from "../../../operations/configuration/set-mbus-user-key-by-channel.ts";
import { change, wireForm } from "../wire-form.ts";

export const setMbusUserKeyByChannelForm = wireForm(
  setMbusUserKeyByChannel,
  "sm-configuration:SetMbusUserKeyByChannel",
  {
    ...change,
    request: (r) => ({ channel: r.SetMbusUserKeyByChannelRequestData.Channel }),
    bundle: {
      element: "SetMbusUserKeyByChannelRequest",
      request: ({ Channel }) => ({ channel: Channel }),
      success: "Setting M-Bus User key by channel was successful",
    },
  },
);
