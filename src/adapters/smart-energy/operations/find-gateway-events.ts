import {
  findGatewayEvents,
  type GatewayEvent,
  type GatewayEventContent,
  type GatewayEventKind,
} from "../../../operations/smart-energy/find-gateway-events.ts";
import { execution } from "../execution.ts";

export const findGatewayEventsExecution = execution(
  findGatewayEvents,
  async ({ reports, target }, { eventUid, kind, fromMs, untilMs, page }) => {
    const search = { correlationUid: eventUid, kinds: kind, fromMs, untilMs, page };
    const found = await reports.find(target.identification, search);
    return {
      totalPages: found.pages,
      event: found.reports.map(
        ({ correlationUid, kind: name, atMs, receivedMs, content }): GatewayEvent => ({
          eventUid: correlationUid,
          kind: name as GatewayEventKind,
          timeMs: atMs,
          receivedTimeMs: receivedMs,
          // A row that could not be read has nothing to show, and is shown all the same.
          ...{ loadControlEvent: [], ...(content as Partial<GatewayEventContent>) },
        }),
      ),
    };
  },
);
