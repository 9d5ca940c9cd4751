import type { Sent, ToEndpoint } from "../../../operations/smart-energy.ts";
import type { RpcElement } from "../../../smart-energy/element.ts";
import { REQUEST_STYLE, writeRecord } from "../../../smart-energy/records.ts";
import { NOT_FOUND } from "../../../smart-energy/status.ts";
import type { OperationContext } from "../execution.ts";
import type { Question } from "../gateway-session.ts";
import type { RecordCodec } from "../records/record-codec.ts";
import { endpointOf, endpointParameter, readRecordOf, recipientsOf, requireSuccess, statusOf } from "./replies.ts";

/** A command of a gateway, with the record that it takes, if it takes one. */
export interface GatewayCommand<T> {
  readonly command: string;
  readonly codec?: RecordCodec<T>;
}

type Asked<T> = ToEndpoint & { readonly record?: T | undefined };
type Answered<T> = Sent & { readonly record: T };

/**
 * Has a gateway change something for which the same again does no harm. What an earlier run took away already is as good
 * as taken away by this one.
 * @throws MetergateError DEVICE_REFUSED
 */
export async function change<T = never>(
  context: OperationContext,
  command: GatewayCommand<T>,
  request: Asked<T>,
): Promise<Answered<T>> {
  const question = questionOf(command, request, context.actionId);
  const before = await context.noted();
  let answer = before?.jobId === undefined ? undefined : await context.resume(before.jobId, question);
  if (!answer) {
    const sentMs = before?.sentMs ?? context.clock.now();
    await context.note({ sentMs });
    answer = await context.ask({ ...question, onJob: (jobId) => context.note({ sentMs, jobId }) });
  }
  if (!before || statusOf(answer) !== NOT_FOUND) requireSuccess(answer);
  return read(answer, command);
}

/**
 * Has a gateway ask others for something; what they answer comes by itself.
 * @throws MetergateError DEVICE_REFUSED
 */
export async function inquire<T = never>(
  context: OperationContext,
  command: GatewayCommand<T>,
  request: Asked<T>,
): Promise<Answered<T>> {
  const answer = await context.ask(questionOf(command, request, `${context.actionId}/${context.attempt}`));
  requireSuccess(answer);
  return read(answer, command);
}

function questionOf<T>({ command, codec }: GatewayCommand<T>, { endpoint, record }: Asked<T>, name: string): Question {
  const written = codec && record && writeRecord(codec.encode(record), codec.name, REQUEST_STYLE);
  return { command, name, content: [...endpointParameter(endpoint), ...(written ? [written] : [])] };
}

function read<T>(answer: RpcElement, { codec }: GatewayCommand<T>): Answered<T> {
  const record = codec && readRecordOf(answer, codec);
  const result = { endpoint: endpointOf(answer), recipient: recipientsOf(answer), ...(record && { record }) };
  return result as Answered<T>;
}
