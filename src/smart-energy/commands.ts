import type { RecordName } from "./records.ts";

/** Clusters of Smart Energy. */
export const CLUSTERS = { price: 0x700, drlc: 0x701, metering: 0x702, messaging: 0x703 } as const;
export const SMART_ENERGY_PROFILE = 0x109;
/** Endpoint of a gateway before release 1.4, unless it is told otherwise. */
export const USUAL_ENDPOINT = 0x5e;

/** What a command asks and how it is answered. Its response is called after it, with `_response`. */
export interface Command {
  readonly cluster: number;
  /** Side of the cluster that the gateway must have. */
  readonly side: "server" | "client" | "either";
  readonly record?: RecordName;
  readonly isRecordOptional?: true;
  /** What is in the response besides endpoint and cluster. `list` is of these records. */
  readonly answer: {
    readonly status?: true;
    readonly record?: RecordName;
    readonly devices?: true;
    readonly list?: RecordName;
  };
}

const SENT = { status: true, devices: true } as const;

const sends = (cluster: number, side: Command["side"], record?: RecordName, isRecordOptional?: true): Command => ({
  cluster,
  side,
  ...(record && { record }),
  ...(isRecordOptional && { isRecordOptional }),
  answer: { ...SENT, ...(record && { record }) },
});
const clears = (cluster: number): Command => ({ cluster, side: "client", answer: {} });
const lists = (cluster: number, list: RecordName): Command => ({ cluster, side: "either", answer: { list } });
const asksMeter = (record: RecordName, answer: RecordName): Command => ({
  cluster: CLUSTERS.metering,
  side: "client",
  record,
  answer: { record: answer },
});

const { price, drlc, messaging } = CLUSTERS;

/** The commands of the Smart Energy interface, by name. */
export const COMMANDS = {
  create_DRLC_event: sends(drlc, "server", "LoadControlEventRecord"),
  cancel_DRLC_event: sends(drlc, "server", "CancelLoadControlEventRecord"),
  cancel_all_DRLC_events: sends(drlc, "server", "CancelAllLoadControlEventsRecord"),
  create_message_event: sends(messaging, "server", "DisplayMessageRecord"),
  cancel_message_event: sends(messaging, "server", "CancelMessageRecord"),
  cancel_all_message_events: sends(messaging, "server"),
  create_price_event: sends(price, "server", "PublishPriceRecord"),
  cancel_all_price_events: { cluster: price, side: "server", answer: { status: true } },
  get_scheduled_DRLC_events: sends(drlc, "client", "GetScheduledEventsRecord", true),
  clear_DRLC_events: clears(drlc),
  confirm_message_event: sends(messaging, "client", "MessageConfirmationRecord", true),
  get_last_message_event: sends(messaging, "client"),
  clear_message_events: clears(messaging),
  get_current_price_event: sends(price, "client"),
  get_scheduled_price_events: sends(price, "client", "GetScheduledPricesRecord", true),
  clear_price_events: clears(price),
  get_DRLC_events: lists(drlc, "LoadControlEventRecord"),
  get_message_events: lists(messaging, "DisplayMessageRecord"),
  get_price_events: lists(price, "PublishPriceRecord"),
  get_meter_profile: asksMeter("GetProfileRecord", "GetProfileResponseRecord"),
  request_fast_poll_mode: asksMeter("RequestFastPollModeRecord", "FastPollModeResponseRecord"),
} as const satisfies Record<string, Command>;
export type CommandName = keyof typeof COMMANDS;

/** What a gateway tells without being asked. */
export interface GatewayEvent {
  readonly cluster: number;
  /** `remote`: names the node that it comes from; `local`: only the own endpoint. */
  readonly header: "remote" | "local";
  readonly status?: true;
  readonly record?: RecordName;
  /** Of these records: all that are active. */
  readonly list?: RecordName;
}

const received = (cluster: number, record: RecordName): GatewayEvent => ({
  cluster,
  header: "remote",
  status: true,
  record,
});
const active = (cluster: number, record: RecordName): GatewayEvent => ({ cluster, header: "local", record });

/** The eleven events of the interface, by name. */
export const EVENTS = {
  received_report_event_status: { cluster: drlc, header: "remote", record: "ReportEventStatusRecord" },
  received_message_confirmation: { cluster: messaging, header: "remote", record: "MessageConfirmationRecord" },
  received_DRLC_event: received(drlc, "LoadControlEventRecord"),
  received_cancel_DRLC_event: received(drlc, "CancelLoadControlEventRecord"),
  received_cancel_all_DRLC_events: received(drlc, "CancelAllLoadControlEventsRecord"),
  updated_active_DRLC_events: { cluster: drlc, header: "local", list: "LoadControlEventRecord" },
  received_display_message: received(messaging, "DisplayMessageRecord"),
  received_cancel_message: received(messaging, "CancelMessageRecord"),
  updated_active_message: active(messaging, "DisplayMessageRecord"),
  received_publish_price: received(price, "PublishPriceRecord"),
  updated_active_price: active(price, "PublishPriceRecord"),
} as const satisfies Record<string, GatewayEvent>;
export type EventName = keyof typeof EVENTS;

/** What release 1.3 calls some of them. */
export const NAMES_OF_1_3: Readonly<Record<string, EventName>> = {
  received_DRLC_cancel_event: "received_cancel_DRLC_event",
  received_message_event: "received_display_message",
  received_price_event: "received_publish_price",
  updated_active_message_events: "updated_active_message",
};

/** The event that an element is, by its name in any release; undefined when it is none. */
export function eventNamed(name: string): EventName | undefined {
  return NAMES_OF_1_3[name] ?? (Object.hasOwn(EVENTS, name) ? (name as EventName) : undefined);
}

/** Releases of the gateways' Smart Energy framework. */
export const RELEASES = ["1.3", "1.4", "1.5"] as const;
export type Release = (typeof RELEASES)[number];

/** Whether a release is this one or a later one. */
export function isFrom(release: Release, first: Release): boolean {
  return RELEASES.indexOf(release) >= RELEASES.indexOf(first);
}
