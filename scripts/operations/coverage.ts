import { readdirSync, readFileSync } from "node:fs";
import { EXECUTIONS as DLMS } from "../../src/adapters/dlms/operations/index.ts";
import { supportMatrix } from "../../src/adapters/dlms/support.ts";
import { WIRE_FORMS } from "../../src/contract/operations/index.ts";
import { findOperation } from "../../src/contract/operations.ts";
import { OPERATIONS } from "../../src/operations/index.ts";
import type { Operation } from "../../src/operations/operation.ts";

export const COVERAGE = "docs/coverage.md";

/** What there is of one operation besides its code. */
export interface Coverage {
  readonly operation: Operation;
  /** Names of services of the contract, without SmartMetering. */
  readonly service: string;
  /** Whoever carries it out, with the versions that offer it. */
  readonly families: readonly string[];
  /** Name of its element in a bundle, if any. */
  readonly bundle: string | undefined;
  /** Files in the folder `samples`. */
  readonly samples: readonly string[];
  /** Files in the folder `test/e2e` that have a case for it. */
  readonly tests: readonly string[];
}

/** @param root folder that holds `samples` and `test`, with a slash at the end */
export function coverage(root: URL): Coverage[] {
  const samples = readdirSync(new URL("samples/", root)).sort();
  const tests = readCases(new URL("test/e2e/", root));
  return Object.values<Operation>(OPERATIONS).map((operation) => {
    const { name } = operation;
    const form = WIRE_FORMS.get(name);
    return {
      operation,
      service: form ? (findOperation(form.requestElement)?.service.name.replace("SmartMetering", "") ?? "") : "",
      families: familiesOf(operation),
      bundle: form?.bundle?.request,
      samples: samples.filter((file) => file.startsWith(`${name}.`)),
      tests: [...tests].filter(([, text]) => new RegExp(`^ {2}${name}: [a-z{(]`, "m").test(text)).map(([file]) => file),
    };
  });
}

function readCases(folder: URL): Map<string, string> {
  const files = readdirSync(folder).filter((file) => file.endsWith(".ts"));
  return new Map(files.sort().map((file) => [file, readFileSync(new URL(file, folder), "utf8")]));
}

function familiesOf({ name, runsOn }: Operation): string[] {
  if (runsOn === "platform") return ["platform"];
  if (!DLMS.has(name)) return [];
  const { versions, rows } = supportMatrix();
  const supported = rows.find(({ operation }) => operation === name)?.supported ?? [];
  const offering = versions.filter((_, i) => supported[i]);
  return [`DLMS: ${offering.length === versions.length ? "all versions" : offering.join(", ")}`];
}

/** The page that gives all of it at a glance. */
export function coveragePage(root: URL): string {
  const rows = coverage(root).map(({ operation, service, families, bundle, samples, tests }) => {
    const { name, addressedTo, effect, coveredBy } = operation;
    const files = samples.map((file) => `[${file}](../samples/${file})`);
    const cases = tests.map((file) => `[${file}](../test/e2e/${file})`);
    const cells = [service, addressedTo.join(", "), effect, ["OWNER", ...coveredBy].join(", "), families.join("; ")];
    return `| ${[name, ...cells, bundle ?? "", files.join(" "), cases.join(" ")].join(" | ")} |`;
  });
  return [
    "# What is offered, and where it is shown to work\n",
    "Written by `npm run generate` from the modules in `src/operations`, `src/contract/operations` and",
    "`src/adapters/*/operations`; do not edit. `metergate support` has the versions as a table.\n",
    "| operation | service | addressed to | effect | rights | carried out by | in a bundle | samples | tests |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
