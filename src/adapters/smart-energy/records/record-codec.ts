import { MetergateError } from "../../../domain/errors.ts";
import type { RawField } from "../../../operations/smart-energy.ts";
import type { RpcElement } from "../../../smart-energy/element.ts";
import {
  describeValue,
  type FieldValue,
  fieldsOf,
  parseField,
  type RecordName,
  type RecordValues,
  readRecord,
} from "../../../smart-energy/records.ts";

/** What is being read or written: our record, and that of a gateway. */
export type Draft = Record<string, unknown>;
export type ValuesDraft = Record<string, FieldValue>;

/** How one or some of our properties and one or some fields of a gateway become each other. */
export interface Member {
  /** Sets what the fields say, as far as our properties can say it. */
  read(values: RecordValues, to: Draft): void;
  /** Sets the fields for what our record says. */
  write(from: Readonly<Draft>, to: ValuesDraft): void;
  /** Values of fields that say that there is nothing. */
  readonly unused?: Readonly<Record<string, readonly FieldValue[]>>;
}

/** One of our records and one of a gateway. */
export interface RecordCodec<T> {
  readonly name: RecordName;
  /**
   * What a gateway says. What our properties cannot say is in `rawField`.
   * @throws MetergateError ILLEGAL_RESPONSE when a field is missing without which it says nothing
   */
  decode(element: RpcElement): T;
  /** @throws MetergateError VALIDATION_ERROR for a raw field that the record has not, or that cannot be */
  encode(record: T): RecordValues;
}

/** Longest raw value that a response has room for. */
const LONGEST_RAW = 255;

/** @param T our record; its members decide, the type checker cannot */
export function recordCodec<T extends { readonly rawField: readonly RawField[] }>(
  name: RecordName,
  members: readonly Member[],
): RecordCodec<T> {
  return {
    name,
    decode(element) {
      const { values, rest } = readRecord(element, name);
      const missing = fieldsOf(name).find((field) => field.isRequired && values[field.name] === undefined);
      if (missing) throw new MetergateError("ILLEGAL_RESPONSE", `the gateway's ${name} has no ${missing.name}`);
      const record: Draft = {};
      for (const member of members) member.read(values, record);
      const written = write(members, record);
      const unsaid = Object.entries(values).filter(([field, value]) => !says(members, written, field, value));
      const raw = unsaid.map(([field, value]) => ({ name: field, value: describeValue(value) }));
      const others = rest.map(({ name: field, text }) => ({ name: field, value: text }));
      const rawField = [...raw, ...others].map((each) => ({ ...each, value: each.value.slice(0, LONGEST_RAW) }));
      return { ...record, rawField } as unknown as T;
    },
    encode(record) {
      const values = write(members, record as Draft);
      for (const { name: field, value: text } of record.rawField) {
        const value = parseField(name, field, text);
        if (value === undefined) {
          const fields = fieldsOf(name).map((each) => `${each.name} (${each.type})`);
          const told = `RawField ${field} is no field of ${name} or has no value of its type: ${fields.join(", ")}`;
          throw new MetergateError("VALIDATION_ERROR", told);
        }
        values[field] = value;
      }
      const missing = fieldsOf(name).find((field) => field.isRequired && values[field.name] === undefined);
      if (missing) throw new MetergateError("VALIDATION_ERROR", `${name} needs ${missing.name}`);
      return values;
    },
  };
}

function write(members: readonly Member[], record: Readonly<Draft>): ValuesDraft {
  const values: ValuesDraft = {};
  for (const member of members) member.write(record, values);
  return values;
}

/** Whether our record says what the field does. */
function says(members: readonly Member[], written: RecordValues, field: string, value: FieldValue): boolean {
  const own = written[field];
  if (own !== undefined) return describeValue(own) === describeValue(value);
  return members.some(({ unused }) => unused?.[field]?.includes(value));
}
