import type { Listed } from "../../../operations/smart-energy.ts";
import type { OperationContext } from "../execution.ts";
import type { RecordCodec } from "../records/record-codec.ts";
import { listParameters } from "./create-once.ts";
import { endpointOf, numberIn, recordsIn } from "./replies.ts";

const ROLES: Readonly<Record<number, "SERVER" | "CLIENT">> = { 0: "SERVER", 1: "CLIENT" };

/** What is on one of a gateway's lists; no node is asked. */
export async function list<T>(
  context: OperationContext,
  command: string,
  codec: RecordCodec<T>,
  endpoint: number | undefined,
): Promise<Listed<T>> {
  const name = `${context.actionId}/${context.attempt}`;
  const answer = await context.ask({ command, content: listParameters(context, endpoint), name });
  return {
    endpoint: endpointOf(answer),
    // Release 1.3 says nothing of it.
    role: ROLES[numberIn(answer, "server_or_client") ?? -1],
    record: recordsIn(answer, "events_record_list", codec),
  };
}
