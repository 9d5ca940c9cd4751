import * as z from "zod";
import { MetergateError } from "../../../domain/errors.ts";
import { activateService } from "../../../operations/egauge/activate-service.ts";
import { execution } from "../execution.ts";
import { performLong } from "../long-operation.ts";

const activation = z.looseObject({ activated: z.boolean(), signup: z.string().max(2048).nullish() });

export const activateServiceExecution = execution(activateService, {
  async run(context, { service, provider }) {
    const result = await performLong(context, "/cmd/activate", { service, provider }, { isHarmless: true });
    const parsed = activation.safeParse(result);
    if (!parsed.success)
      throw new MetergateError("ILLEGAL_RESPONSE", "the meter does not tell whether it is activated");
    const { activated, signup } = parsed.data;
    return { activated, ...(typeof signup === "string" && { signupUrl: signup }) };
  },
});
