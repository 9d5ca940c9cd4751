import { clearMBusStatusOnAllChannels } from "../../../operations/management/clear-m-bus-status-on-all-channels.ts";
import { done, nothing, wireForm } from "../wire-form.ts";

export const clearMBusStatusOnAllChannelsForm = wireForm(
  clearMBusStatusOnAllChannels,
  "sm-management:ClearMBusStatusOnAllChannels",
  {
    request: nothing,
    response: done,
    bundle: {
      element: "ClearMBusStatusOnAllChannelsRequest",
      request: nothing,
      success: "Clear M-Bus status on all channels was successful",
    },
  },
);
