import { decoupleMbusDeviceAdministrative } from "../../../operations/installation/decouple-mbus-device-administrative.ts";
import { actionOf } from "../../../operations/registry.ts";
import type { ElementTypes } from "../../generated/index.ts";
import { done, type SingleForm } from "../wire-form.ts";

type Request = ElementTypes["sm-installation:DecoupleMBusDeviceAdministrativeRequest"];

/** Written out: the contract spells the element of the request in another way than the others. */
export const decoupleMbusDeviceAdministrativeForm: SingleForm = {
  operation: decoupleMbusDeviceAdministrative,
  requestElement: "sm-installation:DecoupleMBusDeviceAdministrativeRequest",
  responseElement: "sm-installation:DecoupleMbusDeviceAdministrativeResponse",
  toAction: ({ MbusDeviceIdentification }: Request) => ({
    device: MbusDeviceIdentification,
    action: actionOf(decoupleMbusDeviceAdministrative, {}),
  }),
  toResponse: done,
};
