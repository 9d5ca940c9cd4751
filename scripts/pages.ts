import { readFileSync } from "node:fs";
import { describeSettings } from "../src/config.ts";
import { ERROR_CATALOGUE } from "../src/domain/errors.ts";
import { OPERATIONS } from "../src/operations/index.ts";
import type { Operation } from "../src/operations/operation.ts";
import { coveragePage } from "./operations/coverage.ts";

/**
 * What pages of the manual tell of the code.
 * @param root folder that holds `docs`, `samples` and `test`, with a slash at the end
 * @returns path from the root → text
 */
export function generatePages(root: URL): Map<string, string> {
  return new Map([
    ["docs/coverage.md", coveragePage(root)],
    ["docs/integrators.md", filled(root, "docs/integrators.md", { results: failingAsResults(), errors: errorTable() })],
    ["docs/operators.md", filled(root, "docs/operators.md", { settings: settingTable() })],
  ]);
}

/** A page whose parts between marks, `<!-- NAME:begin -->` and `<!-- NAME:end -->`, are as they are now. */
function filled(root: URL, path: string, parts: Readonly<Record<string, string>>): string {
  let text = readFileSync(new URL(path, root), "utf8");
  for (const [name, content] of Object.entries(parts)) {
    const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
    const [before, after] = [text.split(begin)[0], text.split(end)[1]];
    text = `${before}${begin}\n${content}\n${end}${after}`;
  }
  return text;
}

/** The operations whose failure is a result, in lines. */
function failingAsResults(): string {
  const names = Object.values<Operation>(OPERATIONS).filter(({ failure }) => failure === "result");
  const lines = [""];
  for (const word of `${names.map(({ name }) => name).join(", ")}.`.split(" ")) {
    const line = `${lines.at(-1)} ${word}`.trim();
    if (line.length > 118) lines.push(word);
    else lines[lines.length - 1] = line;
  }
  return lines.join("\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells, i) => (i === 1 ? `|${cells.join("|")}|` : `| ${cells.join(" | ")} |`))
    .join("\n");
}

function errorTable(): string {
  const rows = Object.entries(ERROR_CATALOGUE).map(([code, { fault, retry, means }]) => {
    return [`${fault ?? "technical"}`, code, retry ? "yes" : "no", means];
  });
  return table(["code", "name", "tried again", "meaning"], rows);
}

function settingTable(): string {
  const rows = describeSettings().map(({ variable, name, default: value, unit, allowed, description }) => {
    return [`\`${variable}\``, `\`${name}\``, `${value}${unit && ` ${unit}`}`, allowed, description];
  });
  return table(["variable", "key", "default", "allowed", "meaning"], rows);
}
