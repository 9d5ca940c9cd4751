/**
 * Where operators are told what happens; pino fits. Each part takes the levels that it uses. Never given messages' contents
 * or secrets.
 */
export interface Logger {
  debug(context: Readonly<Record<string, unknown>>, text: string): void;
  info(context: Readonly<Record<string, unknown>>, text: string): void;
  warn(context: Readonly<Record<string, unknown>>, text: string): void;
  error(context: Readonly<Record<string, unknown>>, text: string): void;
}
