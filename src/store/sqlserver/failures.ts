import type { FailureKind } from "../server/session.ts";

/** What `lock` throws when a lock was not given in time. */
export const LOCK_NOT_GIVEN = 51_222;

/** Numbers for a transaction that was undone because of others. */
const AGAIN = new Set([
  1205, // deadlock
  1222, // a lock's time is over
  3960, // a row was changed since this transaction's snapshot
  8645, // no memory to run it in now
  LOCK_NOT_GIVEN,
]);
/** Numbers for a server or a database that is gone or not there yet: it starts, recovers, fails over, or is too busy. */
const LOST = new Set([
  ...[596, 922, 927, 976, 978, 983, 988, 3906, 4060, 4221, 6005, 10928, 10929, 17142, 18401],
  ...[40143, 40197, 40501, 40540, 40613, 49918, 49919, 49920],
]);
/** From here on the server has ended the connection. */
const FATAL_SEVERITY = 20;
/** Codes for a connection that is gone or was not made: of the driver, and of the system. */
const LOST_CODES =
  /^(ESOCKET|ECONNCLOSED|ETIMEOUT|ENOTOPEN|EINSTLOOKUP|ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;

interface Failure {
  readonly name?: string;
  readonly message?: string;
  readonly code?: unknown;
  readonly number?: unknown;
  readonly class?: unknown;
  readonly originalError?: { readonly isTransient?: unknown };
}

/** What a failure means. */
export function kindOf(error: unknown): FailureKind {
  const { name, code, number, class: severity, originalError } = error as Failure;
  // No place in the pool became free, or the server refused a login and says that it will not for long.
  if (name === "TimeoutError" || originalError?.isTransient === true) return "lost";
  // What undid itself for another one's sake says so with the code of the standard.
  if (code === "40001" || AGAIN.has(number as number)) return "again";
  if (LOST.has(number as number) || Number(severity) >= FATAL_SEVERITY) return "lost";
  return typeof number !== "number" && LOST_CODES.test(String(code)) ? "lost" : "refused";
}

/** What the server said, without what a row holds: SQL Server writes that behind the word "value". */
class SqlServerError extends Error {
  readonly code: unknown;
  readonly number: unknown;
  readonly class: unknown;

  constructor({ message = "", code, number, class: severity }: Failure) {
    super(`${message.replace(/\bvalue\b.*/is, "value …")} (${number})`);
    this.name = "SqlServerError";
    this.code = code;
    this.number = number;
    this.class = severity;
  }
}

/** The error as it may be logged. */
export function withoutValues(error: unknown): unknown {
  // That of a transaction has what the server said within.
  const { originalError } = error as { originalError?: unknown };
  const failure = [error, originalError].find((each) => typeof (each as Failure | undefined)?.number === "number");
  return failure === undefined ? error : new SqlServerError(failure as Failure);
}
