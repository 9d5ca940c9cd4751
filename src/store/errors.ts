/** What can be wrong with the database itself. */
export type StoreErrorCode =
  /** The data directory or the database in it cannot be opened, created or written, or was removed. */
  | "DATABASE_UNUSABLE"
  /** The database was written by another version, or a migration failed; nothing of it was kept. */
  | "DATABASE_SCHEMA_MISMATCH"
  /** A row holds what this code cannot have written. */
  | "ROW_UNREADABLE";

/** A database that cannot be worked with: for the operator, never for a caller. */
export class StoreError extends Error {
  readonly code: StoreErrorCode;

  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "StoreError";
    this.code = code;
  }
}
