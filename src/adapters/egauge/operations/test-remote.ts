import * as z from "zod";
import { MetergateError } from "../../../domain/errors.ts";
import { floatText } from "../../../lib/decimal.ts";
import { testRemote } from "../../../operations/egauge/test-remote.ts";
import { execution } from "../execution.ts";
import { performLong } from "../long-operation.ts";

const found = z.looseObject({
  trace: z
    .array(z.looseObject({ dt: z.union([z.number(), z.string().regex(/^\d{1,9}(\.\d{1,9})?$/)]), msg: z.string() }))
    .max(10_000)
    .default([]),
  regs: z
    .array(z.looseObject({ name: z.string(), type: z.string() }))
    .max(10_000)
    .default([]),
});

export const testRemoteExecution = execution(testRemote, {
  async run(context, { address, linkType }) {
    const body = { address, linktype: linkType };
    const parsed = found.safeParse(await performLong(context, "/cmd/test-remote", body, { isHarmless: true }));
    if (!parsed.success) throw new MetergateError("ILLEGAL_RESPONSE", "the meter tells nothing of the device");
    return {
      trace: parsed.data.trace.map(({ dt, msg }) => ({
        elapsedSeconds: typeof dt === "string" ? dt : (floatText(dt, 64) ?? "0"),
        message: msg,
      })),
      registers: parsed.data.regs.map(({ name, type }) => ({ name, type })),
    };
  },
});
