import * as z from "zod";
import { MetergateError } from "../../domain/errors.ts";
import type { OperationContext } from "./execution.ts";
import { parseStamp, stampMs } from "./stamp.ts";

export const ALERTS = "/log/alert";
/** The log has room for fifty. */
const MOST_ALERTS = 1000;

const stamp = z.string().transform((text, context) => {
  const value = parseStamp(text);
  if (value !== undefined) return stampMs(value);
  context.issues.push({ code: "custom", message: "is no time", input: text });
  return z.NEVER;
});

const alert = z.looseObject({
  id: z.union([z.string().max(256), z.number().transform(String)]),
  acked: z.boolean().default(false),
  prio: z.int().min(0).max(7).optional(),
  count: z.int().min(0).default(1),
  first: stamp.optional(),
  last: stamp,
  name: z.string().max(1000).default(""),
  detail: z.string().max(4000).default(""),
});

const answer = z.looseObject({ log: z.array(alert).max(MOST_ALERTS).default([]) });

/** What the meter's log of alerts has: one entry for all times that something happened. Times in epoch milliseconds. */
export type Alert = z.infer<typeof alert>;

/** @throws MetergateError ILLEGAL_RESPONSE */
export async function readAlerts({ meter }: Pick<OperationContext, "meter">): Promise<readonly Alert[]> {
  const parsed = answer.safeParse(await meter.call({ method: "GET", path: ALERTS }));
  if (parsed.success) return parsed.data.log;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join(".") || "the whole";
  throw new MetergateError("ILLEGAL_RESPONSE", `a log of alerts that is none: ${where} ${issue?.message}`);
}

/** The alert that says that somebody changed settings; the only one of the meter's own that the contract has a name for. */
export const SETTINGS_CHANGED = "cfgchg";
