import * as z from "zod";
import { MetergateError } from "../../domain/errors.ts";
import type { SoftwareUpdate } from "../../operations/egauge/update-software.ts";
import type { OperationContext } from "./execution.ts";

const versions = z.looseObject({ firmware: z.string().max(64), kernel: z.string().max(64).optional() });
/** The maker's description has texts, its example a number. */
const text = z.union([z.string().max(64), z.number().transform(String)]);
const available = z.looseObject({ version: text, minimum: text.optional() });

export interface SystemVersions {
  readonly firmware: string;
  readonly kernel?: string | undefined;
}

/** What runs on a meter; the inventory keeps it. */
export async function readVersions({ meter, records, device }: OperationContext): Promise<SystemVersions> {
  const parsed = versions.safeParse(await meter.result("/sys/version"));
  if (!parsed.success) throw new MetergateError("ILLEGAL_RESPONSE", "the meter told no version");
  const { firmware, kernel } = parsed.data;
  await records.setFirmwareVersions(device.identification, [
    { module: "ACTIVE_FIRMWARE", version: firmware },
    ...(kernel === undefined ? [] : [{ module: "MODULE_ACTIVE_FIRMWARE", version: kernel }]),
  ]);
  return { firmware, kernel };
}

/** What there is for a meter at its maker. */
export async function listVersions(
  { meter }: OperationContext,
  { target, branch }: Pick<SoftwareUpdate, "target" | "branch">,
): Promise<{ newest: string; minimum?: string | undefined }> {
  const body = { action: "list", target, ...(branch !== undefined && { branch }) };
  const parsed = available.safeParse(await meter.call({ method: "POST", path: "/cmd/update", body }));
  if (!parsed.success) throw new MetergateError("ILLEGAL_RESPONSE", "the meter told no version that there is");
  return { newest: parsed.data.version, minimum: parsed.data.minimum };
}
