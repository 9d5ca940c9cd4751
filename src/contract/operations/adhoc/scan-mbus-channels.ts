import { scanMbusChannels } from "../../../operations/adhoc/scan-mbus-channels.ts";
import type { MbusShortId } from "../../../operations/mbus.ts";
import type { smAdhoc as wire } from "../../generated/index.ts";
import { nothing, wireForm } from "../wire-form.ts";

/** Values that the schema's patterns do not allow (no manufacturer, a number that is no number) are nil. */
function fromMbusShortId(id: MbusShortId): wire.MbusChannelShortEquipmentIdentifier {
  return {
    Channel: id.channel,
    ShortId: {
      IdentificationNumber: /^\d{8}$/.test(id.identificationNumber) ? id.identificationNumber : null,
      ManufacturerIdentification: /^[A-Z]{3}$/.test(id.manufacturerIdentification)
        ? id.manufacturerIdentification
        : null,
      VersionIdentification: id.versionIdentification,
      DeviceTypeIdentification: id.deviceTypeIdentification,
    },
  };
}

export const scanMbusChannelsForm = wireForm(scanMbusChannels, "sm-adhoc:ScanMbusChannels", {
  request: nothing,
  response: ({ channels }) => ({ Result: "OK", ChannelShortId: channels.map(fromMbusShortId) }),
  bundle: {
    element: "ScanMbusChannelsRequest",
    request: nothing,
    answer: "ScanMbusChannelsResponse",
    response: ({ channels }) => ({ Result: "OK", ChannelShortId: channels.map(fromMbusShortId) }),
  },
});
