import { findMessageLogs, type KeptMessage } from "../../../operations/management/find-message-logs.ts";
import type { smManagement as wire } from "../../generated/index.ts";
import { printable } from "../values.ts";
import { wireForm } from "../wire-form.ts";

/** The schema demands an organisation, and some messages are nobody's. */
const NOBODY = "-";

function fromMessage(message: KeptMessage): wire.MessageLog {
  const { timeMs, organisation, device, decoded, encoded, incoming, valid } = message;
  return {
    Timestamp: new Date(timeMs),
    OrganisationIdentification: organisation === "" ? NOBODY : organisation,
    DeviceIdentification: device,
    DecodedMessage: printable(decoded),
    EncodedMessage: encoded,
    Incoming: incoming,
    Valid: valid,
  };
}

export const findMessageLogsForm = wireForm(findMessageLogs, "sm-management:FindMessageLogs", {
  request: ({ Page }) => ({ page: Page }),
  response: ({ pages, messages }) => ({
    MessageLogPage: { TotalPages: pages, MessageLogs: messages.map(fromMessage) },
  }),
});
