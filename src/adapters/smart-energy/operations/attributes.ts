import { MetergateError } from "../../../domain/errors.ts";
import { CLUSTERS } from "../../../smart-energy/commands.ts";
import { childNamed, childText, descendantsNamed, leaf, node, type RpcElement } from "../../../smart-energy/element.ts";
import { describeStatus, SUCCESS } from "../../../smart-energy/status.ts";
import { formatHex, parseInteger } from "../../../smart-energy/values.ts";
import type { OperationContext } from "../execution.ts";
import { addressOf } from "./ask-meter.ts";
import { numberIn } from "./replies.ts";

/** Where attributes are: a cluster of the gateway, or of a node behind it. */
export interface AttributePlace {
  readonly cluster: number;
  /** Parameters of the command that say whose. */
  readonly address: readonly RpcElement[];
}

/** The Metering cluster of the meter that a request is addressed to. @throws MetergateError as `addressOf` */
export function meteringOf(context: OperationContext): AttributePlace {
  return { cluster: CLUSTERS.metering, address: addressOf(context, {}) };
}

/** What a cluster has, by number of the attribute; what it has not is missing, and is not 0. */
export interface Attributes {
  readonly values: ReadonlyMap<number, number>;
  /** By the gateway; epoch milliseconds. */
  readonly atMs: number;
}

function parameters({ cluster, address }: AttributePlace, records: readonly RpcElement[]): RpcElement[] {
  return [
    ...address,
    leaf("cluster_id", formatHex(cluster)),
    leaf("server_or_client", 0),
    node("record_list", { type: "list" }, ...records),
  ];
}

/** @param ids at most `MOST_ATTRIBUTES` */
export async function readAttributes(
  context: OperationContext,
  place: AttributePlace,
  ids: readonly number[],
): Promise<Attributes> {
  const { actionId, attempt, clock } = context;
  const items = ids.map((id) => node("item", { type: "ReadAttributeRecord" }, leaf("attribute_id", formatHex(id))));
  const question = { command: "read_attributes", name: `${actionId}/${attempt}/read` };
  const answer = await context.ask({ ...question, content: parameters(place, items) });
  const values = new Map<number, number>();
  for (const record of childNamed(answer, "record_list")?.children ?? []) {
    const [id, status] = [numberIn(record, "attribute_id"), numberIn(record, "status") ?? SUCCESS];
    const value = parseInteger(childText(record, "value") ?? "");
    if (id !== undefined && value !== undefined && status === SUCCESS) values.set(id, value);
  }
  const seconds = Number(answer.attributes.timestamp);
  return { values, atMs: seconds > 0 ? Math.round(seconds * 1000) : clock.now() };
}

/**
 * Writes attributes; the same again does no harm.
 * @param written at most `MOST_ATTRIBUTES`, with the codes of their types
 * @throws MetergateError DEVICE_REFUSED naming the status of the first that was not written
 */
export async function writeAttributes(
  context: OperationContext,
  place: AttributePlace,
  written: readonly { readonly id: number; readonly typeCode: number; readonly value: number }[],
): Promise<void> {
  const items = written.map(({ id, typeCode, value }) =>
    node(
      "item",
      { type: "WriteAttributeRecord" },
      leaf("attribute_id", formatHex(id)),
      leaf("attribute_type", formatHex(typeCode)),
      leaf("value", value),
    ),
  );
  const question = { command: "write_attributes", name: `${context.actionId}/${context.attempt}/write` };
  const answer = await context.ask({ ...question, content: parameters(place, items) });
  const statuses = descendantsNamed(answer, "status").map(({ text }) => parseInteger(text) ?? SUCCESS);
  const status = statuses.find((each) => each !== SUCCESS);
  if (status === undefined) return;
  throw new MetergateError("DEVICE_REFUSED", `the gateway refused to write: status ${describeStatus(status)}`);
}

/** @throws MetergateError ERROR_RETRIEVING_ATTRIBUTE_VALUE when it was not told */
export function requireAttribute({ values }: Attributes, id: number, name: string): number {
  const value = values.get(id);
  if (value !== undefined) return value;
  throw new MetergateError(
    "ERROR_RETRIEVING_ATTRIBUTE_VALUE",
    `the meter does not tell its ${name} (${formatHex(id)})`,
  );
}
