import { updateProtocol } from "../../../operations/management/update-protocol.ts";
import { done, wireForm } from "../wire-form.ts";

export const updateProtocolForm = wireForm(updateProtocol, "sm-management:UpdateProtocol", {
  request: ({ UpdateProtocolData: { Protocol, ProtocolVersion, ProtocolVariant } }) => ({
    name: Protocol,
    version: ProtocolVersion,
    ...(ProtocolVariant !== undefined && { variant: ProtocolVariant }),
  }),
  response: done,
});
