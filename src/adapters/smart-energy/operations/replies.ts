import { MetergateError } from "../../../domain/errors.ts";
import type { MacText } from "../../../operations/smart-energy.ts";
import { childNamed, childText, leaf, type RpcElement } from "../../../smart-energy/element.ts";
import { recordOf } from "../../../smart-energy/records.ts";
import { describeStatus, isPassing, SUCCESS } from "../../../smart-energy/status.ts";
import { parseInteger, parseMac } from "../../../smart-energy/values.ts";
import type { RecordCodec } from "../records/record-codec.ts";

/** A whole number in an answer; undefined when it has none of this name. */
export function numberIn(answer: RpcElement, name: string): number | undefined {
  const text = childText(answer, name);
  return text === undefined ? undefined : parseInteger(text);
}

/** Status of an answer; undefined when it has none, as some commands cannot fail. */
export function statusOf(answer: RpcElement): number | undefined {
  return numberIn(answer, "status");
}

/** @throws MetergateError DEVICE_REFUSED naming the status, unless it is success */
export function requireSuccess(answer: RpcElement): void {
  const status = statusOf(answer) ?? SUCCESS;
  if (status === SUCCESS) return;
  throw new MetergateError("DEVICE_REFUSED", `the gateway refused: status ${describeStatus(status)}`, {
    retry: isPassing(status),
  });
}

/** Endpoint of the gateway that answers, under whichever of its names. */
export function endpointOf(answer: RpcElement): number | undefined {
  return numberIn(answer, "source_endpoint_id") ?? numberIn(answer, "endpoint_id");
}

/** Whom a gateway says that it sent something to. */
export function recipientsOf(answer: RpcElement): MacText[] {
  const items = childNamed(answer, "device_list")?.children ?? [];
  return items.flatMap(({ text }) => parseMac(text) ?? []);
}

/** The record of an answer; undefined when it has none. */
export function readRecordOf<T>(answer: RpcElement, codec: RecordCodec<T>): T | undefined {
  const record = recordOf(answer);
  return record && codec.decode(record);
}

/** @throws MetergateError ILLEGAL_RESPONSE when an answer lacks its record */
export function requireRecordOf<T>(answer: RpcElement, codec: RecordCodec<T>): T {
  const record = readRecordOf(answer, codec);
  if (record) return record;
  throw new MetergateError("ILLEGAL_RESPONSE", `the gateway's ${answer.name} has no record`);
}

/** The endpoint that a request names, as a parameter of a command. */
export function endpointParameter(endpoint: number | undefined, name = "source_endpoint_id"): RpcElement[] {
  return endpoint === undefined ? [] : [leaf(name, endpoint)];
}

/** The records of a list in an answer. */
export function recordsIn<T>(answer: RpcElement, list: string, codec: RecordCodec<T>): T[] {
  const items = childNamed(answer, list)?.children ?? [];
  return items.filter(({ name }) => name === "item" || name === "record").map((item) => codec.decode(item));
}
