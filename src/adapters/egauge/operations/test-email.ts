import * as z from "zod";
import { MetergateError } from "../../../domain/errors.ts";
import { testEmail } from "../../../operations/egauge/test-email.ts";
import { execution } from "../execution.ts";
import { performLong } from "../long-operation.ts";
import { openText } from "../secrets.ts";

const found = z.looseObject({ log: z.string().max(1_000_000) });

export const testEmailExecution = execution(testEmail, {
  async run(context, { address, server, user, password, fromAddress }) {
    const body = {
      address,
      ...(server !== undefined && { smarthost: server }),
      ...(user !== undefined && { mailuser: user }),
      ...(password !== undefined && {
        mailpass: openText(context.platformKeys, password, "Password", /^[^\p{Cc}]{1,128}$/u),
      }),
      ...(fromAddress !== undefined && { fromaddr: fromAddress }),
    };
    const parsed = found.safeParse(await performLong(context, "/cmd/test-email", body, { isHarmless: false }));
    if (!parsed.success) throw new MetergateError("ILLEGAL_RESPONSE", "the meter tells nothing of the mail");
    return { log: parsed.data.log };
  },
});
