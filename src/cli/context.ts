import type { Config } from "../config.ts";

/** What a command has at hand. */
export interface CommandContext {
  /** @throws ConfigError; commands that need no configuration do not call it. */
  config(): Config;
  /** Writes one or more lines to standard output. */
  print(text: string): void;
}

/** A command that was used wrongly; ends with exit code 2, as wrong options do. */
export class UsageError extends Error {
  readonly code = "USAGE";

  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}
