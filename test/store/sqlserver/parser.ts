import type { ANTLRErrorListener } from "antlr4ts";
import antlr from "antlr4ts-sql";

/** What the parser's grammar, which is older, has no word for: sequences, and constraints that are put aside. */
const UNKNOWN: readonly (readonly [RegExp, string])[] = [
  [/\(next value for \w+\)|next value for \w+/g, "0"],
  [/^(alter table \w+) (?:nocheck|with check check) (constraint \w+)$/g, "$1 drop $2"],
];

/** What a parser of T-SQL that is not ours (the grammar of the ANTLR project) finds wrong with a text. */
export function findSyntaxErrors(sql: string): string[] {
  const found: string[] = [];
  const listener: ANTLRErrorListener<unknown> = {
    syntaxError: (_recognizer, _symbol, line, column, message) => found.push(`${line}:${column} ${message}`),
  };
  const dialect = new antlr.antlr4tsSQL(antlr.SQLDialect.TSQL);
  const text = UNKNOWN.reduce((rest, [unknown, known]) => rest.replaceAll(unknown, known), sql);
  const parser = dialect.getParser(dialect.getTokens(text, [listener]), [listener]) as antlr.TSQLGrammar.TSqlParser;
  parser.tsql_file();
  return found;
}
