import { coupleMbusDeviceByChannel } from "../../../operations/installation/couple-mbus-device-by-channel.ts";
import type { ResultOf } from "../../../operations/operation.ts";
import { fromChannelValues } from "../channel-element-values.ts";
import { wireForm } from "../wire-form.ts";

const fromResult = ({ channel }: ResultOf<typeof coupleMbusDeviceByChannel>) =>
  ({ Result: "OK", ChannelElementValues: fromChannelValues(channel) }) as const;

export const coupleMbusDeviceByChannelForm = wireForm(
  coupleMbusDeviceByChannel,
  "sm-installation:CoupleMbusDeviceByChannel",
  {
    request: (r) => ({ channel: r.CoupleMbusDeviceByChannelRequestData.Channel }),
    response: fromResult,
    bundle: {
      element: "CoupleMbusDeviceByChannelRequest",
      request: ({ Channel }) => ({ channel: Channel }),
      answer: "CoupleMbusDeviceByChannelResponse",
      response: fromResult,
    },
  },
);
