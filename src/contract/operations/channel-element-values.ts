import type { ChannelValues } from "../../operations/mbus.ts";
import type { smInstallation as wire } from "../generated/index.ts";

export function fromChannelValues(values: ChannelValues): wire.ChannelElementValues {
  return {
    Channel: values.channel,
    PrimaryAddress: values.primaryAddress,
    IdentificationNumber: values.identificationNumber,
    ManufacturerIdentification: values.manufacturerIdentification,
    Version: values.versionIdentification,
    DeviceTypeIdentification: values.deviceTypeIdentification,
  };
}
