import { userInfo } from "node:os";
import { systemClock } from "../lib/clock.ts";
import { evidenceOf } from "../message-log/evidence.ts";
import type { NewLogEntry } from "../store/message-log.ts";

/** The account that runs the command, as the operating system calls it; its number where it has no name. */
export function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "");
  }
}

/** What the log gets when a command changes something: the command and what it was given, without any secret. */
export function commandEvidence(
  operation: string,
  details: Readonly<Record<string, unknown>>,
  device?: string,
): readonly NewLogEntry[] {
  return [evidenceOf({ by: "operator", operation, user: operatorName(), device, details }, systemClock.now())];
}
