import { toHex } from "../lib/bytes.ts";
import { childNamed, leaf, node, type RpcElement } from "./element.ts";
import { SmartEnergyFormatError } from "./errors.ts";
import { UNVERIFIED } from "./unverified.ts";
import { asType, formatHex, INTEGER_TYPES, type IntegerType, parseBase16, parseInteger } from "./values.ts";

/** `list` is one of unsigned numbers of 24 bits. */
export type FieldType = IntegerType | "string" | "base16" | "list";
export type FieldValue = number | string | Uint8Array | readonly number[];

/** A field of a record. */
export interface FieldDefinition {
  readonly name: string;
  readonly type: FieldType;
  readonly isRequired?: true;
  /** What a gateway takes when the field is absent. */
  readonly default?: number | string;
}

const field = (name: string, type: FieldType, fallback?: number | string): FieldDefinition =>
  fallback === undefined ? { name, type } : { name, type, default: fallback };
const required = (name: string, type: FieldType): FieldDefinition => ({ name, type, isRequired: true });

const PERIOD = [field("start_time", "u32", 0), field("number_of_events", "u8", 0)] as const;

/** The records of the interface, fields in the order of the radio. */
export const RECORDS = {
  LoadControlEventRecord: [
    required("issuer_event_id", "u32"),
    field("device_class", "u16", 0x0fff),
    field("utility_enrollment_group", "u8", 0),
    field("start_time", "u32", 0),
    required("duration_in_minutes", "u16"),
    field("criticality_level", "u8", 1),
    field("cooling_temperature_offset", "u8", 0xff),
    field("heating_temperature_offset", "u8", 0xff),
    field("cooling_temperature_set_point", "s16", -0x8000),
    field("heating_temperature_set_point", "s16", -0x8000),
    field("average_load_adjustment_percentage", "s8", -0x80),
    field("duty_cycle", "u8", 0xff),
    field("event_control", "u8", 0x03),
  ],
  CancelLoadControlEventRecord: [
    required("issuer_event_id", "u32"),
    field("device_class", "u16", 0x0fff),
    field("utility_enrollment_group", "u8", 0),
    field("cancel_control", "u8", 0x01),
    field("effective_time", "u32", 0),
  ],
  CancelAllLoadControlEventsRecord: [field("cancel_control", "u8", UNVERIFIED.cancelAllControl)],
  ReportEventStatusRecord: [
    required("issuer_event_id", "u32"),
    required("event_status", "u8"),
    field("event_status_time", "u32", UNVERIFIED.unknownTime),
    field("criticality_level_applied", "u8"),
    // Printed unsigned by some gateways.
    field("cooling_temperature_set_point_applied", "s16", -0x8000),
    field("heating_temperature_set_point_applied", "s16", -0x8000),
    field("average_load_adjustment_percentage_applied", "s8", -0x80),
    field("duty_cycle_applied", "u8", 0xff),
    field("event_control", "u8"),
    field("signature_type", "u8", 0),
    field("signature", "base16"),
  ],
  GetScheduledEventsRecord: PERIOD,
  GetScheduledPricesRecord: PERIOD,
  DisplayMessageRecord: [
    required("message_id", "u32"),
    field("message_control", "u8", 0),
    field("start_time", "u32", 0),
    required("duration_in_minutes", "u16"),
    required("message", "string"),
    field("cancel_message_control", "u8"),
  ],
  CancelMessageRecord: [required("message_id", "u32"), field("message_control", "u8", 0)],
  MessageConfirmationRecord: [required("message_id", "u32"), field("confirmation_time", "u32")],
  PublishPriceRecord: [
    field("provider_id", "u32", 0xffff_ffff),
    field("rate_label", "string", ""),
    required("issuer_event_id", "u32"),
    field("utc_time", "u32"),
    field("unit_of_measure", "u8", 0),
    field("currency", "u16", 840),
    field("price_trailing_digit_and_price_tier", "u8", 0x20),
    field("number_of_price_tiers_and_register_tier", "u8", 0),
    field("start_time", "u32", 0),
    required("duration_in_minutes", "u16"),
    required("price", "u32"),
    field("price_ratio", "u8", 0xff),
    field("generation_price", "u32", 0xffff_ffff),
    field("generation_price_ratio", "u8", 0xff),
    field("alternate_cost_delivered", "u32", 0xffff_ffff),
    field("alternate_cost_unit", "u8", UNVERIFIED.alternateCostUnit),
    field("alternate_cost_trailing_digit", "u8", 0xff),
  ],
  GetProfileRecord: [
    required("interval_channel", "u8"),
    required("end_time", "u32"),
    required("number_of_periods", "u8"),
    field("start_time", "u32"),
  ],
  GetProfileResponseRecord: [
    field("end_time", "u32"),
    field("status", "u8"),
    field("profile_interval_period", "u8"),
    field("intervals", "list"),
  ],
  RequestFastPollModeRecord: [required("fast_poll_update_period", "u8"), required("duration_in_minutes", "u8")],
  FastPollModeResponseRecord: [required("applied_update_period", "u8"), field("end_time", "u32")],
} as const satisfies Record<string, readonly FieldDefinition[]>;
export type RecordName = keyof typeof RECORDS;

/** A record as a gateway has it: its fields by name. */
export type RecordValues = Readonly<Record<string, FieldValue>>;

/** What was read of a record. */
export interface ReadRecord {
  readonly values: RecordValues;
  /** Fields that the record has not, or whose value is none of their type, as they were written. */
  readonly rest: readonly { readonly name: string; readonly text: string }[];
}

export function fieldsOf(record: RecordName): readonly FieldDefinition[] {
  return RECORDS[record];
}

/**
 * Reads a record. Its fields decide, in whatever order: neither their types nor that of the record, which gateways leave
 * out or write wrong.
 */
export function readRecord(element: RpcElement, record: RecordName): ReadRecord {
  const definitions = new Map(fieldsOf(record).map((definition) => [definition.name, definition]));
  const values: Record<string, FieldValue> = {};
  const rest: { name: string; text: string }[] = [];
  for (const child of element.children) {
    const definition = definitions.get(child.name);
    const value = definition && readField(child, definition.type);
    if (definition && value !== undefined) values[definition.name] = value;
    else rest.push({ name: child.name, text: child.text.trim() });
  }
  return { values, rest };
}

function readField(element: RpcElement, type: FieldType): FieldValue | undefined {
  if (type === "string") return element.text;
  if (type === "base16") return parseBase16(element.text);
  if (type !== "list") return readInteger(element.text, type);
  const items = element.children.filter(({ name }) => name === "item").map(({ text }) => readInteger(text, "u24"));
  return items.every((item) => item !== undefined) ? items : undefined;
}

function readInteger(text: string, type: IntegerType): number | undefined {
  const value = parseInteger(text);
  return value === undefined ? undefined : asType(value, type);
}

/** How values are written: as gateways do, or as head-ends do. */
export interface ValueStyle {
  readonly number: (value: number, name: string) => string;
  /** Whether each value says of what type it is. */
  readonly isTyped: boolean;
}

/** Decimal, and no types but where they are always written. */
export const REQUEST_STYLE: ValueStyle = { number: String, isTyped: false };
/** Hexadecimal, and types on everything. */
export const RESPONSE_STYLE: ValueStyle = { number: formatHex, isTyped: true };

/** Writes a record; fields that it has no value for are left out. */
export function writeRecord(values: RecordValues, record: RecordName, style: ValueStyle, name = "record"): RpcElement {
  const children = fieldsOf(record).map((definition) => {
    const value = values[definition.name];
    return value === undefined ? undefined : writeField(definition, value, style);
  });
  return node(name, { type: record }, ...children);
}

function writeField({ name, type }: FieldDefinition, value: FieldValue, style: ValueStyle): RpcElement {
  if (typeof value === "string") return leaf(name, value, { type: "string" });
  const typed = (of: string): Record<string, string> => (style.isTyped ? { type: of } : {});
  if (value instanceof Uint8Array) return leaf(name, toHex(value), typed("base16"));
  if (typeof value === "number") return leaf(name, style.number(value, name), typed("int"));
  if (type !== "list") throw new SmartEnergyFormatError(`${name} is no list`);
  const items = value.map((item) => leaf("item", style.number(item, name), typed("int")));
  return node(name, { type: "list" }, ...items);
}

/**
 * What a head-end asks for, read as a gateway does: strictly, with what is left out filled in.
 * @throws SmartEnergyFormatError naming the field that is missing or cannot be
 */
export function readRequestedRecord(element: RpcElement, record: RecordName): RecordValues {
  const { values, rest } = readRecord(element, record);
  const definitions = fieldsOf(record);
  const wrong = rest.find(({ name }) => definitions.some((definition) => definition.name === name));
  if (wrong) throw new SmartEnergyFormatError(`${wrong.name} has no value of its type`);
  const missing = definitions.find(({ name, isRequired }) => isRequired && values[name] === undefined);
  if (missing) throw new SmartEnergyFormatError(`${missing.name} is missing`);
  return values;
}

/** A record with the values that a gateway takes for what is absent. */
export function withDefaults(values: RecordValues, record: RecordName): RecordValues {
  const defaults = fieldsOf(record).flatMap(({ name, default: value }) => (value === undefined ? [] : [[name, value]]));
  return { ...Object.fromEntries(defaults), ...values };
}

/** A value in the words of the interface: hexadecimal digits for octets, `0x…` for numbers. */
export function describeValue(value: FieldValue): string {
  if (typeof value === "string") return value;
  if (value instanceof Uint8Array) return toHex(value);
  return typeof value === "number" ? formatHex(value) : value.map(formatHex).join(" ");
}

/** A field's value out of a text, as somebody gives it; undefined when it is none of the field's type. */
export function parseField(record: RecordName, name: string, text: string): FieldValue | undefined {
  const definition = fieldsOf(record).find((each) => each.name === name);
  if (!definition || definition.type === "list") return undefined;
  return readField(leaf(name, text), definition.type);
}

/** Whether a type is one of whole numbers. */
export function isInteger(type: FieldType): type is IntegerType {
  return Object.hasOwn(INTEGER_TYPES, type);
}

/** The record of an element that has one. */
export function recordOf(element: RpcElement): RpcElement | undefined {
  return childNamed(element, "record");
}
