import {
  type DecoupledChannel,
  decoupleMbusDeviceByChannel,
} from "../../../operations/installation/decouple-mbus-device-by-channel.ts";
import { fromChannelValues } from "../channel-element-values.ts";
import { wireForm } from "../wire-form.ts";

const SUCCESS = "Decouple Mbus Device was successful";

const fromResult = ({ channel, mbusDevice, isReadable }: DecoupledChannel) =>
  ({
    Result: "OK",
    resultString: isReadable ? SUCCESS : `${SUCCESS}; what was on the channel could not be interpreted`,
    ...(mbusDevice !== undefined && {
      mbusDeviceIdentification: mbusDevice,
      ChannelElementValues: fromChannelValues(channel),
    }),
  }) as const;

export const decoupleMbusDeviceByChannelForm = wireForm(
  decoupleMbusDeviceByChannel,
  "sm-installation:DecoupleMbusDeviceByChannel",
  {
    request: (r) => ({ channel: r.DecoupleMbusDeviceByChannelRequestData.Channel }),
    response: fromResult,
    bundle: {
      element: "DecoupleMbusDeviceByChannelRequest",
      request: ({ Channel }) => ({ channel: Channel }),
      answer: "DecoupleMbusDeviceByChannelResponse",
      response: fromResult,
    },
  },
);
