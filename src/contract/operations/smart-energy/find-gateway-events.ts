import type { RequestOf } from "../../../operations/operation.ts";
import { findGatewayEvents } from "../../../operations/smart-energy/find-gateway-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const findGatewayEventsForm = wireForm(findGatewayEvents, "smart-energy:FindGatewayEvents", {
  request: (content) => askedFor<RequestOf<typeof findGatewayEvents>>(content),
  response: answered,
});
