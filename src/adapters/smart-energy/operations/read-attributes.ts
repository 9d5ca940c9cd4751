import { MetergateError } from "../../../domain/errors.ts";
import { CLUSTERS } from "../../../smart-energy/commands.ts";
import { childNamed, childText, leaf, node } from "../../../smart-energy/element.ts";
import { SUCCESS } from "../../../smart-energy/status.ts";
import { formatHex, parseInteger } from "../../../smart-energy/values.ts";
import type { OperationContext } from "../execution.ts";
import { addressOf } from "./ask-meter.ts";
import { numberIn } from "./replies.ts";

/** A gateway takes no more at once. */
export const MOST_ATTRIBUTES = 10;

/** What a meter's Metering cluster has, by number of the attribute; what it has not is missing, and is not 0. */
export interface Attributes {
  readonly values: ReadonlyMap<number, number>;
  /** By the gateway; epoch milliseconds. */
  readonly atMs: number;
}

/** @param ids at most `MOST_ATTRIBUTES` */
export async function readAttributes(context: OperationContext, ids: readonly number[]): Promise<Attributes> {
  const { actionId, attempt, clock } = context;
  const items = ids.map((id) => node("item", { type: "ReadAttributeRecord" }, leaf("attribute_id", formatHex(id))));
  const content = [
    ...addressOf(context, {}),
    leaf("cluster_id", formatHex(CLUSTERS.metering)),
    leaf("server_or_client", 0),
    node("record_list", { type: "list" }, ...items),
  ];
  const answer = await context.ask({ command: "read_attributes", content, name: `${actionId}/${attempt}` });
  const values = new Map<number, number>();
  for (const record of childNamed(answer, "record_list")?.children ?? []) {
    const [id, status] = [numberIn(record, "attribute_id"), numberIn(record, "status") ?? SUCCESS];
    const value = parseInteger(childText(record, "value") ?? "");
    if (id !== undefined && value !== undefined && status === SUCCESS) values.set(id, value);
  }
  const seconds = Number(answer.attributes.timestamp);
  return { values, atMs: seconds > 0 ? Math.round(seconds * 1000) : clock.now() };
}

/** @throws MetergateError ERROR_RETRIEVING_ATTRIBUTE_VALUE when the meter has not told it */
export function requireAttribute({ values }: Attributes, id: number, name: string): number {
  const value = values.get(id);
  if (value !== undefined) return value;
  throw new MetergateError(
    "ERROR_RETRIEVING_ATTRIBUTE_VALUE",
    `the meter does not tell its ${name} (${formatHex(id)})`,
  );
}
