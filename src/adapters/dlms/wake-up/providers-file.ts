import * as z from "zod";
import { readSecretFile } from "../../../devices/secret-file.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { SessionAccount } from "./http-session-provider.ts";

const FILE = z.record(
  z.string(),
  z.strictObject({ url: z.url({ protocol: /^https?$/ }), user: z.string().min(1), password: z.string() }),
);

/**
 * Accounts with session providers, by the name that records of devices have for them (`communicationProvider`).
 * @throws MetergateError VAULT_UNREADABLE when the file is missing, others may read it, or it holds anything else; no
 * password is repeated
 */
export function readProvidersFile(path: string): ReadonlyMap<string, SessionAccount> {
  const what = "the file of session providers";
  const text = readSecretFile(path, what).toString("utf8");
  try {
    const parsed = FILE.safeParse(JSON.parse(text));
    if (parsed.success) return new Map(Object.entries(parsed.data));
    const where = parsed.error.issues.map((issue) => issue.path.join(".") || "the whole").join(", ");
    throw new MetergateError(
      "VAULT_UNREADABLE",
      `${what} ${path}: each name needs url, user and password; see ${where}`,
    );
  } catch (error) {
    if (error instanceof MetergateError) throw error;
    throw new MetergateError("VAULT_UNREADABLE", `${what} ${path} is not JSON`);
  }
}
