/**
 * Writes `docs/dlms-api.txt`: what the package offers as `metergate/dlms`, told from the types that are packed. Whoever
 * changes it sees in the diff what users of the library will. Build before: `npm run api-report`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

export const REPORT = new URL("../docs/dlms-api.txt", import.meta.url);
const ENTRY = new URL("../dist/dlms/index.d.ts", import.meta.url);

/** A file of declarations: what it declares and where its other names come from. */
interface Module {
  /** Name → declaration, without comments. */
  readonly declared: ReadonlyMap<string, string>;
  /** Name → file that it is taken from. */
  readonly imported: ReadonlyMap<string, URL>;
  /** Names that are handed on from other files; undefined for all of a file's. */
  readonly handedOn: readonly { readonly from: URL; readonly names: readonly string[] | undefined }[];
}

const namesIn = (list: string) =>
  list
    .split(",")
    .map((name) => name.replace(/^\s*type\s/, "").trim())
    .filter((name) => name !== "");

/** Reads declarations as the compiler writes them: each begins at the start of a line. */
function readModule(file: URL): Module {
  const text = readFileSync(file, "utf8").replaceAll(/[ \t]*\/\*[\s\S]*?\*\/[ \t]*\n?|^\s*\/\/.*$/gm, "");
  const statements = text.split(/^(?=(?:import|export|declare|interface|type|const)\b)/m).filter((each) => each.trim());
  const declared = new Map<string, string>();
  const imported = new Map<string, URL>();
  const handedOn: { from: URL; names: readonly string[] | undefined }[] = [];
  for (const statement of statements) {
    const [, how, , list = "", from] =
      /^(import|export) (type )?(?:\{([^}]*)\}|\*) from "(.*)";/s.exec(statement) ?? [];
    const [, name] =
      /^(?:export )?(?:declare )?(?:abstract )?(?:interface|type|const|class|function) (\w+)/.exec(statement) ?? [];
    if (from !== undefined) {
      const target = new URL(from.replace(/\.[jt]s$/, ".d.ts"), file);
      if (how === "import") for (const each of namesIn(list)) imported.set(each, target);
      else handedOn.push({ from: target, names: list === "" ? undefined : namesIn(list) });
    } else if (name !== undefined) {
      const lines = statement.split("\n").filter((line) => line.trim() !== "" && !/^\s*(#private|private )/.test(line));
      declared.set(name, [declared.get(name), ...lines].filter((line) => line !== undefined).join("\n"));
    }
  }
  return { declared, imported, handedOn };
}

/** Every name that the entry hands on, and every type that these need, in the order of their names. */
export function apiReport(): string {
  const modules = new Map<string, Module>();
  const moduleOf = (file: URL): Module => {
    const known = modules.get(file.href) ?? readModule(file);
    modules.set(file.href, known);
    return known;
  };
  const found = new Map<string, string>();
  const add = (name: string, file: URL): void => {
    const { declared, imported } = moduleOf(file);
    const text = declared.get(name);
    if (text === undefined) {
      const from = imported.get(name);
      if (from?.protocol === "file:") add(name, from);
    } else if (!found.has(name)) {
      found.set(name, text.replace(/^export (declare )?|^declare /gm, ""));
      for (const word of new Set(text.match(/\b[A-Z]\w+/g))) add(word, file);
    }
  };
  const { handedOn } = moduleOf(ENTRY);
  for (const { from, names } of handedOn) {
    for (const name of names ?? moduleOf(from).declared.keys()) add(name, from);
  }
  const declarations = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  return `# metergate/dlms: what it offers. Written by npm run api-report; do not edit.\n\n${declarations.join("\n\n")}\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(REPORT, apiReport());
}
