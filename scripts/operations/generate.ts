import { existsSync, readdirSync, readFileSync } from "node:fs";

const OPERATIONS = "src/operations/";
const WIRE_FORMS = "src/contract/operations/";
const FAMILIES = "src/adapters/";
const SIMULATORS = "src/simulators/";

/** A module that an operation has in some folder. */
interface Module {
  /** As in the contract: `GetFirmwareVersion`. */
  readonly operation: string;
  /** From the folder of the index: `./configuration/get-firmware-version.ts`. */
  readonly path: string;
}

/**
 * The indexes that follow from which files of operations and of simulators there are.
 * @param root folder that holds `src`, with a slash at the end
 * @returns path from the root → text
 * @throws Error when a file is not where an operation's file can be
 */
export function generateIndexes(root: URL): Map<string, string> {
  const definitions = modulesIn(root, OPERATIONS);
  const known = new Set(definitions.map(({ operation }) => operation));
  return new Map([
    [`${OPERATIONS}index.ts`, definitionIndex(definitions)],
    [`${WIRE_FORMS}index.ts`, wireFormIndex(modulesIn(root, WIRE_FORMS))],
    [`${SIMULATORS}index.ts`, simulationIndex(foldersWith(root, SIMULATORS, "simulation.ts"))],
    ...executionFolders(root).map((folder): [string, string] => [
      `${folder}index.ts`,
      executionIndex(folder, executionsIn(root, folder, known)),
    ]),
  ]);
}

/** The modules in the subfolders of a folder, by folder and name. */
function modulesIn(root: URL, folder: string): Module[] {
  const base = new URL(folder, root);
  const areas = readdirSync(base, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return areas
    .map(({ name }) => name)
    .sort()
    .flatMap((area) =>
      readdirSync(new URL(`${area}/`, base))
        .sort()
        .map((file) => ({
          operation: operationOf(file),
          path: `./${area}/${file}`,
        })),
    );
}

/** The folders in which families keep their executions. */
function executionFolders(root: URL): string[] {
  return foldersWith(root, FAMILIES, "operations/").map((family) => `${FAMILIES}${family}/operations/`);
}

/** Names of the subfolders of a folder that have something in them. */
function foldersWith(root: URL, folder: string, content: string): string[] {
  const names = readdirSync(new URL(folder, root)).sort();
  return names.filter((name) => existsSync(new URL(`${folder}${name}/${content}`, root)));
}

/** The files of a family that are named after an operation; the others there are what several have in common. */
function executionsIn(root: URL, folder: string, known: ReadonlySet<string>): Module[] {
  const files = readdirSync(new URL(folder, root)).sort();
  const modules = files.map((file) => ({ operation: operationOf(file), path: `./${file}` }));
  return modules.filter(({ operation }) => known.has(operation));
}

/** `get-firmware-version.ts` holds `GetFirmwareVersion`. */
function operationOf(file: string): string {
  if (!/^[a-z]+(-[a-z]+)*\.ts$/.test(file)) throw new Error(`${file} is not named after an operation`);
  return file.slice(0, -3).replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
}

/** `GetFirmwareVersion` is exported as `getFirmwareVersion`. */
function exportOf(operation: string): string {
  return operation[0]!.toLowerCase() + operation.slice(1);
}

function definitionIndex(modules: readonly Module[]): string {
  return [
    header(`${OPERATIONS}*/*.ts`),
    ...modules.map(({ operation, path }) => `import { ${exportOf(operation)} } from "${path}";`),
    "\n/** Every operation that there is, by its name. */",
    "export const OPERATIONS = {",
    ...modules.map(({ operation }) => `  ${operation}: ${exportOf(operation)},`),
    "} as const;\n",
  ].join("\n");
}

function wireFormIndex(modules: readonly Module[]): string {
  return [
    header(`${WIRE_FORMS}*/*.ts`),
    'import { byOperation } from "../../operations/registry.ts";',
    ...modules.map(({ operation, path }) => `import { ${exportOf(operation)}Form } from "${path}";`),
    'import type { WireForm } from "./wire-form.ts";',
    "\n/** The wire form of every operation, by its name. */",
    "export const WIRE_FORMS = byOperation<WireForm>([",
    ...modules.map(({ operation }) => `  ${exportOf(operation)}Form,`),
    "]);\n",
  ].join("\n");
}

function executionIndex(folder: string, modules: readonly Module[]): string {
  return [
    header(`${folder}*.ts`),
    'import { byOperation } from "../../../operations/registry.ts";',
    'import type { Execution } from "../execution.ts";',
    ...modules.map(({ operation, path }) => `import { ${exportOf(operation)}Execution } from "${path}";`),
    "\n/** How each operation that is offered here is carried out, by its name. */",
    "export const EXECUTIONS = byOperation<Execution>([",
    ...modules.map(({ operation }) => `  ${exportOf(operation)}Execution,`),
    "]);\n",
  ].join("\n");
}

function simulationIndex(families: readonly string[]): string {
  return [
    header(`${SIMULATORS}*/simulation.ts`),
    'import type { StartSimulation } from "../domain/simulation.ts";',
    "\n/** What simulates a family's devices, by the family's name; loaded when it is called for. */",
    "export const SIMULATIONS: Readonly<Record<string, () => Promise<StartSimulation>>> = {",
    ...families.map((name) => {
      const key = /^[a-z]+$/.test(name) ? name : JSON.stringify(name);
      return `  ${key}: async () => (await import("./${name}/simulation.ts")).startSimulation,`;
    }),
    "};\n",
  ].join("\n");
}

function header(sources: string): string {
  return `// generated by scripts/generate.ts from ${sources}; do not edit\n`;
}

/** Paths whose file differs from what is expected, or is missing. */
export function staleIndexes(root: URL, expected: ReadonlyMap<string, string>): string[] {
  const present = (path: string) => {
    const file = new URL(path, root);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  return [...expected].filter(([path, text]) => present(path) !== text).map(([path]) => path);
}
