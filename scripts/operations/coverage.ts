import { readdirSync, readFileSync } from "node:fs";
import { COMPLEX_TYPES, ELEMENTS, NAMESPACES } from "../../src/contract/generated/tables.ts";
import { WIRE_FORMS } from "../../src/contract/operations/index.ts";
import type { Family } from "../../src/domain/family.ts";
import { BUNDLE } from "../../src/domain/request.ts";
import { FAMILIES } from "../../src/families.ts";
import { OPERATIONS } from "../../src/operations/index.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { SERVICES } from "../../src/soap/routes.ts";

/** What there is of one operation besides its code. */
export interface Coverage {
  readonly operation: Operation;
  /** Name of the service of the contract that has it, without SmartMetering. */
  readonly service: string | undefined;
  /** Whoever carries it out, with the versions that offer it. */
  readonly families: readonly string[];
  /** Name of its element in a bundle, if any. */
  readonly bundle: string | undefined;
  /** Files in the folder `samples`. */
  readonly samples: readonly string[];
  /** Files in the folder `test` that hold its case for the tests from end to end. */
  readonly tests: readonly string[];
}

/** @param root folder that holds `samples` and `test`, with a slash at the end */
export function coverage(root: URL): Coverage[] {
  const samples = readdirSync(new URL("samples/", root)).sort();
  const bundles = samples.filter((file) => file.startsWith(`${BUNDLE}.`));
  const texts = new Map(bundles.map((file) => [file, readFileSync(new URL(`samples/${file}`, root), "utf8")]));
  const tests = readCases(new URL("test/", root));
  return Object.values<Operation>(OPERATIONS).map((operation) => {
    const { name } = operation;
    const form = WIRE_FORMS.get(name);
    // What is an action of bundles only belongs to their service, and is shown by one of them.
    const inBundle = form && !form.requestElement ? form.bundle.request : undefined;
    const showsIt = (file: string) => inBundle !== undefined && texts.get(file)?.includes(`:${inBundle}`);
    const element = inBundle ? "sm-bundle:BundleRequest" : form?.requestElement;
    return {
      operation,
      service: SERVICES.find(({ operations }) => operations.some(({ input }) => input === element))?.name.replace(
        "SmartMetering",
        "",
      ),
      families: familiesOf(operation),
      bundle: form?.bundle?.request,
      samples: samples.filter((file) => file.startsWith(`${name}.`) || showsIt(file)),
      tests: [...tests].filter(([, text]) => caseOf(name).test(text)).map(([file]) => file),
    };
  });
}

/** Files that may hold cases: tables with one for each of several operations, and files of single ones. */
function readCases(folder: URL): Map<string, string> {
  const files = (readdirSync(folder, { recursive: true, encoding: "utf8" }) as string[]).filter((file) =>
    /^(e2e\/[\w-]+|operations\/[\w-]+\/[\w-]+)\.ts$/.test(file),
  );
  return new Map(files.sort().map((file) => [file, readFileSync(new URL(file, folder), "utf8")]));
}

function caseOf(name: string): RegExp {
  return new RegExp(`^ {2}${name}: [a-z{(]|^ {2}wire: \\{\\n {4}operation: "${name}"`, "m");
}

function familiesOf({ name, runsOn }: Operation): string[] {
  if (runsOn === "platform") return ["platform"];
  return FAMILIES.flatMap((family) => {
    const { versions, rows } = family.support();
    const row = rows.find(({ operation }) => operation === name);
    if (!row) return [];
    const offering = versions.filter((_, i) => row.supported[i]);
    return [`${family.title}: ${offering.length === versions.length ? "all versions" : offering.join(", ")}`];
  });
}

/** A type of Metergate's own part of the contract, and where it is shown to work. */
export interface RecordCoverage {
  /** `SmartEnergy` */
  readonly service: string;
  readonly name: string;
  readonly operations: readonly string[];
  readonly samples: readonly string[];
  readonly tests: readonly string[];
}

/** Namespaces of services that the public contract has not. */
const OWN = "urn:metergate:";

/** The types that such services speak of: those of the operations whose messages hold them, at any depth. */
export function recordCoverage(operations: readonly Coverage[]): RecordCoverage[] {
  const namespaces: Readonly<Record<string, string>> = NAMESPACES;
  const isOwn = (type: string) => namespaces[type.split(":")[0]!]?.startsWith(OWN) && !(type in ELEMENTS);
  return Object.keys(COMPLEX_TYPES)
    .filter(isOwn)
    .map((type) => {
      const users = operations.filter(({ operation }) => {
        const form = WIRE_FORMS.get(operation.name);
        const elements = form?.requestElement ? [form.requestElement, form.responseElement] : [];
        return elements.some((element) => typesIn(ELEMENTS[element]!).has(type));
      });
      return {
        service: users[0]?.service ?? "",
        name: type.split(":")[1]!,
        operations: users.map(({ operation }) => operation.name),
        samples: users.flatMap(({ samples }) => samples),
        tests: users.flatMap(({ tests }) => tests),
      };
    });
}

function typesIn(type: string, found = new Set<string>()): Set<string> {
  if (found.has(type)) return found;
  found.add(type);
  for (const particle of COMPLEX_TYPES[type]?.particles ?? []) {
    for (const field of "choice" in particle ? particle.choice : [particle]) typesIn(field.type, found);
  }
  return found;
}

const links = (folder: string, files: readonly string[]) =>
  files.map((file) => `[${file.split("/").at(-1)}](../${folder}/${file})`).join(" ");

/** The page that gives all of it at a glance. */
export function coveragePage(root: URL): string {
  const all = coverage(root);
  const records = recordCoverage(all).map(({ service, name, operations, samples, tests }) => {
    const cells = [name, service, operations.join(", "), links("samples", samples), links("test", tests)];
    return `| ${cells.join(" | ")} |`;
  });
  const rows = all.map(({ operation, service, families, bundle, samples, tests }) => {
    const { name, addressedTo, effect, group } = operation;
    const files = samples.map((file) => `[${file}](../samples/${file})`);
    const cases = tests.map((file) => `[${file}](../test/${file})`);
    const cells = [service ?? "", addressedTo.join(", "), effect, group, families.join("; ")];
    return `| ${[name, ...cells, bundle ?? "", files.join(" "), cases.join(" ")].join(" | ")} |`;
  });
  return [
    "# What is offered, and where it is shown to work\n",
    "Written by `npm run generate` from the modules in `src/operations`, `src/contract/operations` and",
    "`src/adapters/*/operations`; do not edit. `metergate support` has the versions as a table.\n",
    "| operation | service | addressed to | effect | function group | carried out by | in a bundle | samples | tests |",
    "|---|---|---|---|---|---|---|---|---|",
    ...rows,
    ...vocabulary(root),
    "",
    "## Records of Metergate's own services\n",
    "| record | service | in the messages of | samples | tests |",
    "|---|---|---|---|---|",
    ...records,
    "",
  ].join("\n");
}

/** What makers call commands and records, where it is not what the operation is called. */
function vocabulary(root: URL): string[] {
  const known = new Map(coverage(root).map((each) => [each.operation.name, each]));
  const families: readonly Family[] = FAMILIES;
  const rows = families.flatMap(({ title, vocabulary: words = {} }) =>
    Object.entries(words).map(([word, operation]) => {
      const { samples = [], tests = [] } = known.get(operation) ?? {};
      const files = samples.map((file) => `[${file}](../samples/${file})`);
      const cases = tests.map((file) => `[${file}](../test/${file})`);
      return `| ${[title, word, operation, files.join(" "), cases.join(" ")].join(" | ")} |`;
    }),
  );
  const head = ["| family | command or record of the maker | operation | samples | tests |", "|---|---|---|---|---|"];
  return rows.length === 0 ? [] : ["\n## By the makers' own words\n", ...head, ...rows];
}
