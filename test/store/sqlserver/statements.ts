import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FILE = fileURLToPath(new URL("../../fixtures/sqlserver/statements.sql", import.meta.url));
const BETWEEN = "\ngo\n";
/** The rows of an insert behind the first one: how many come depends on the moment. */
const MORE_ROWS = /(values \([^()]*\))(?:, \([^()]*\))+/g;
/** What the driver itself asks at the beginning, and what migrations make. */
const OTHERS = /^(set (?!nocount)|create |alter |drop |if object_id)/;

/** Statements in the form in which they are kept: once each, in one order. */
export function normalise(statements: Iterable<string>): string[] {
  const texts = [...statements].filter((sql) => !OTHERS.test(sql)).map((sql) => sql.trim().replaceAll(MORE_ROWS, "$1"));
  return [...new Set(texts)].sort();
}

/** The statements that are known to be sent. */
export function keptStatements(): string[] {
  return readFileSync(FILE, "utf8").trim().split(BETWEEN);
}

export function keepStatements(statements: readonly string[]): void {
  writeFileSync(FILE, `${statements.join(BETWEEN)}\n`);
}
