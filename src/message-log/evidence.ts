import type { NewLogEntry } from "../store/message-log.ts";
import { prepareEntry } from "./message-log.ts";

/** Something that was done without a message, and is to be found in the log all the same. */
export interface Deed {
  /**
   * `operator`: by a command; `vault`: a secret was given out, to whoever `details` say; `platform`: what is known of a
   * device was changed by a request.
   */
  readonly by: "operator" | "vault" | "platform";
  /** The command, or what was done. */
  readonly operation: string;
  /** The account of the operating system that gave the command. */
  readonly user?: string | undefined;
  readonly device?: string | undefined;
  readonly correlationUid?: string | undefined;
  /** What was done, without any secret. Stored as JSON. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** The entry that tells of a deed, for whoever writes it in the transaction of the deed itself. */
export function evidenceOf({ by, operation, user, device, correlationUid, details }: Deed, nowMs: number): NewLogEntry {
  return prepareEntry(
    {
      class: "deed",
      direction: by === "vault" ? "out" : "in",
      service: by,
      operation,
      caller: user === undefined ? undefined : { organisation: "", userName: user, applicationName: "" },
      device,
      correlationUid,
      body: new Uint8Array(Buffer.from(JSON.stringify(details))),
    },
    nowMs,
  );
}
