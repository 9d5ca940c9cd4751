import { MetergateError } from "../../../domain/errors.ts";
import type { Sent, ToEndpoint } from "../../../operations/smart-energy.ts";
import { childNamed, type RpcElement } from "../../../smart-energy/element.ts";
import {
  describeValue,
  REQUEST_STYLE,
  type RecordValues,
  readRecord,
  writeRecord,
} from "../../../smart-energy/records.ts";
import { DUPLICATE_EXISTS } from "../../../smart-energy/status.ts";
import { fromUtc2000 } from "../../../smart-energy/values.ts";
import type { Note, OperationContext } from "../execution.ts";
import type { RecordCodec } from "../records/record-codec.ts";
import { endpointOf, endpointParameter, recipientsOf, requireRecordOf, requireSuccess, statusOf } from "./replies.ts";

/** What a gateway is to keep, and how its list of such is asked for. */
export interface Creation<T> {
  readonly command: string;
  readonly codec: RecordCodec<T>;
  /** Command that gives what is kept. */
  readonly list: string;
  /** Field that tells one from the others. */
  readonly id: string;
}

/**
 * Has a gateway keep something, once. Before it is sent, that it will be is noted; a later run looks after the job of
 * before, then into the gateway's list, and sends it again only when the gateway cannot have had it.
 * @throws MetergateError OUTCOME_UNKNOWN when it may have come and gone meanwhile
 */
export async function createOnce<T>(
  context: OperationContext,
  { command, codec, list, id }: Creation<T>,
  { endpoint, record }: ToEndpoint & { readonly record: T },
): Promise<Sent & { readonly record: T }> {
  const values = codec.encode(record);
  const content = [...endpointParameter(endpoint), writeRecord(values, codec.name, REQUEST_STYLE)];
  const question = { command, content, name: context.actionId };
  const result = (answer: RpcElement) => {
    requireSuccess(answer);
    return { endpoint: endpointOf(answer), record: requireRecordOf(answer, codec), recipient: recipientsOf(answer) };
  };
  const kept = async () => {
    const found = await findKept(context, { command, codec, list, id }, endpoint, values);
    return found && { ...found, recipient: [] };
  };

  const before = await context.noted();
  if (before) {
    const answer = before.jobId === undefined ? undefined : await context.resume(before.jobId, question);
    if (answer && statusOf(answer) !== DUPLICATE_EXISTS) return result(answer);
    const found = await kept();
    if (found) return found;
    requireNotOver(context, before, values);
  }
  const sentMs = before?.sentMs ?? context.clock.now();
  await context.note({ sentMs });
  const answer = await context.ask({ ...question, onJob: (jobId) => context.note({ sentMs, jobId }) });
  // Of an earlier run, that came after all.
  if (before && statusOf(answer) === DUPLICATE_EXISTS) return (await kept()) ?? result(answer);
  return result(answer);
}

/**
 * What the gateway keeps under the id, when that is what is asked for.
 * @throws MetergateError DEVICE_REFUSED when it keeps something else under it
 */
async function findKept<T>(
  context: OperationContext,
  { codec, list, id }: Creation<T>,
  endpoint: number | undefined,
  values: RecordValues,
): Promise<{ readonly endpoint: number | undefined; readonly record: T } | undefined> {
  const name = `${context.actionId}/${context.attempt}/${list}`;
  const answer = await context.ask({ command: list, content: listParameters(context, endpoint), name });
  const items = childNamed(answer, "events_record_list")?.children ?? [];
  const item = items.find((each) => readRecord(each, codec.name).values[id] === values[id]);
  if (!item) return undefined;
  if (isSame(values, readRecord(item, codec.name).values))
    return { endpoint: endpointOf(answer), record: codec.decode(item) };
  throw new MetergateError("DEVICE_REFUSED", `the gateway keeps something else under ${describeValue(values[id]!)}`);
}

/** How a release is told of which endpoint a list is wanted. */
export function listParameters({ release }: OperationContext, endpoint: number | undefined): RpcElement[] {
  return endpointParameter(endpoint, release === "1.3" ? "endpoint_id" : "source_endpoint_id");
}

/** Whether what is kept is what was asked for; a start of "now" is kept as it was asked or as the moment it meant. */
function isSame(asked: RecordValues, kept: RecordValues): boolean {
  return Object.entries(asked).every(([name, value]) => {
    const other = kept[name];
    if (name === "start_time" && value === 0) return true;
    return other === undefined || describeValue(other) === describeValue(value);
  });
}

/**
 * An event that is not kept was never had, unless it could have ended meanwhile.
 * @throws MetergateError OUTCOME_UNKNOWN
 */
function requireNotOver({ clock }: OperationContext, { sentMs }: Note, values: RecordValues): void {
  const { start_time: start = 0, duration_in_minutes: minutes = 0 } = values;
  const startMs = start === 0 ? sentMs : fromUtc2000(Number(start));
  // What stays until something takes its place has no end of its own.
  const isOpen = Number(minutes) === 0xffff;
  if (isOpen || clock.now() < startMs + Number(minutes) * 60_000) return;
  const text = "an earlier attempt may have reached the gateway, and would be over by now; it was not sent again";
  throw new MetergateError("OUTCOME_UNKNOWN", text);
}
