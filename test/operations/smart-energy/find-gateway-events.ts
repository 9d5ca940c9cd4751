import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";
import { NINE, NODE } from "../smart-energy-values.ts";

const UID = "0123456789abcdef0123456789abcdef";

export const testCase: TestCase = {
  wire: {
    operation: "FindGatewayEvents",
    service: "smart-energy",
    content:
      `<$:EventUid>${UID}</$:EventUid><$:Kind>RECEIVED_REPORT_EVENT_STATUS</$:Kind>` +
      "<$:Kind>UPDATED_ACTIVE_PRICE</$:Kind><$:From>2026-01-31T08:00:00Z</$:From>" +
      "<$:Until>2026-01-31T09:00:00Z</$:Until><$:Page>2</$:Page>",
    request: {
      ...{ eventUid: UID, kind: ["RECEIVED_REPORT_EVENT_STATUS", "UPDATED_ACTIVE_PRICE"] },
      ...{ fromMs: NINE - 3_600_000, untilMs: NINE, page: 2 },
    },
    result: {
      totalPages: 3,
      event: [
        {
          ...{ eventUid: UID, kind: "RECEIVED_REPORT_EVENT_STATUS", timeMs: NINE, receivedTimeMs: NINE + 1 },
          ...{ sourceAddress: NODE, sourceEndpoint: 1, endpoint: 94, loadControlEvent: [] },
          reportEventStatus: {
            ...{ eventId: 7, eventStatus: "STARTED", eventStatusTimeMs: NINE, criticality: "GREEN" },
            ...{ signatureType: "ECDSA", signatureHex: "FF".repeat(42), rawField: [] },
          },
        },
      ],
    },
    response:
      `<Result>OK</Result><TotalPages>3</TotalPages><Event><EventUid>${UID}</EventUid>` +
      "<Kind>RECEIVED_REPORT_EVENT_STATUS</Kind><Time>2026-01-31T09:00:00.000Z</Time>" +
      "<ReceivedTime>2026-01-31T09:00:00.001Z</ReceivedTime><SourceAddress>0013A200400A0001</SourceAddress>" +
      "<SourceEndpoint>1</SourceEndpoint><Endpoint>94</Endpoint><ReportEventStatus><EventId>7</EventId>" +
      "<EventStatus>STARTED</EventStatus><EventStatusTime>2026-01-31T09:00:00.000Z</EventStatusTime>" +
      "<Criticality>GREEN</Criticality><SignatureType>ECDSA</SignatureType>" +
      `<Signature>${"FF".repeat(42)}</Signature></ReportEventStatus></Event>`,
  },
  smartEnergy: {
    expected: ["yes", "yes", "yes"],
    // Nothing fetches the gateway's buffer here, so it has told nothing; test/adapters/smart-energy/events.test.ts does.
    content: "<$:Page>0</$:Page>",
    check(answer) {
      assert.deepEqual(answer("TotalPages"), ["0"]);
    },
  },
};
