import { refuse } from "../checks.ts";
import { defineOperation } from "../operation.ts";
import type {
  CancelAllLoadControlEvents,
  CancelLoadControlEvent,
  CancelMessage,
  DisplayMessage,
  LoadControlEvent,
  MacText,
  MessageConfirmation,
  PublishPrice,
  ReportEventStatus,
} from "../smart-energy.ts";

export type GatewayEventKind =
  | "RECEIVED_REPORT_EVENT_STATUS"
  | "RECEIVED_MESSAGE_CONFIRMATION"
  | "RECEIVED_DRLC_EVENT"
  | "RECEIVED_CANCEL_DRLC_EVENT"
  | "RECEIVED_CANCEL_ALL_DRLC_EVENTS"
  | "UPDATED_ACTIVE_DRLC_EVENTS"
  | "RECEIVED_DISPLAY_MESSAGE"
  | "RECEIVED_CANCEL_MESSAGE"
  | "UPDATED_ACTIVE_MESSAGE"
  | "RECEIVED_PUBLISH_PRICE"
  | "UPDATED_ACTIVE_PRICE";

/** What a gateway told; which record there is follows from the kind. */
export interface GatewayEventContent {
  readonly sourceAddress?: MacText | undefined;
  readonly sourceEndpoint?: number | undefined;
  readonly endpoint?: number | undefined;
  /** ZCL status. */
  readonly status?: number | undefined;
  readonly loadControlEvent: readonly LoadControlEvent[];
  readonly cancelLoadControlEvent?: CancelLoadControlEvent | undefined;
  readonly cancelAllLoadControlEvents?: CancelAllLoadControlEvents | undefined;
  readonly reportEventStatus?: ReportEventStatus | undefined;
  readonly displayMessage?: DisplayMessage | undefined;
  readonly cancelMessage?: CancelMessage | undefined;
  readonly messageConfirmation?: MessageConfirmation | undefined;
  readonly publishPrice?: PublishPrice | undefined;
}

export interface GatewayEvent extends GatewayEventContent {
  readonly eventUid: string;
  readonly kind: GatewayEventKind;
  /** Epoch milliseconds, by the gateway and by this service. */
  readonly timeMs: number;
  readonly receivedTimeMs: number;
}

/** Finds what a gateway told without being asked, the newest first. The gateway is not asked. */
export const findGatewayEvents = defineOperation<
  {
    readonly eventUid?: string | undefined;
    /** Every kind when there is none. */
    readonly kind: readonly GatewayEventKind[];
    readonly fromMs?: number | undefined;
    readonly untilMs?: number | undefined;
    /** From 0 on. */
    readonly page: number;
  },
  { readonly totalPages: number; readonly event: readonly GatewayEvent[] }
>({
  name: "FindGatewayEvents",
  addressedTo: ["gateway"],
  group: "MONITORING",
  effect: "reads",
  notification: "FIND_GATEWAY_EVENTS",
  failure: "fault",
  check({ fromMs, untilMs }) {
    if (fromMs === undefined || untilMs === undefined || fromMs <= untilMs) return;
    refuse(`Until ${new Date(untilMs).toISOString()} lies before From ${new Date(fromMs).toISOString()}`);
  },
});
