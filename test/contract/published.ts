import { readdirSync, readFileSync } from "node:fs";

/** The published contract as its facts have it; nothing here comes from our own schemas. */
const FACTS = new URL("../vectors/contract/", import.meta.url);

/** A name with its namespace. */
export interface Named {
  readonly namespace: string;
  readonly local: string;
}

export interface PublishedOperation {
  readonly name: string;
  /** Undefined where the published message does not exist. */
  readonly input: Named | undefined;
  readonly output: Named | undefined;
}

export interface PublishedService {
  readonly name: string;
  readonly namespace: string;
  readonly portType: string;
  readonly binding: string;
  readonly path: string;
  readonly operations: readonly PublishedOperation[];
}

/** How often something occurs, and what it is. */
export interface Particle {
  readonly min: number;
  /** Infinity when it is not bounded. */
  readonly max: number;
  readonly content:
    | { readonly kind: "element"; readonly name: string; readonly type: Type; readonly nillable: boolean }
    | { readonly kind: "reference"; readonly to: Named }
    | { readonly kind: "choice" | "sequence"; readonly particles: readonly Particle[] };
}

/** A type: by its name, or that name with facets of its own. */
export interface Type extends Named {
  readonly facets: readonly (readonly [name: string, value: string])[];
}

export interface ComplexType {
  readonly base: Named | undefined;
  readonly particles: readonly Particle[];
  readonly attributes: readonly (readonly [name: string, type: Named])[];
}

export interface PublishedSchema {
  readonly namespace: string;
  readonly elements: ReadonlyMap<string, Type | ComplexType>;
  readonly complexTypes: ReadonlyMap<string, ComplexType>;
  readonly simpleTypes: ReadonlyMap<string, Type>;
}

export const XSD = "http://www.w3.org/2001/XMLSchema";
const OCCURRENCES: Readonly<Record<string, readonly [number, number]>> = {
  "": [1, 1],
  "?": [0, 1],
  "*": [0, Number.POSITIVE_INFINITY],
  "+": [1, Number.POSITIVE_INFINITY],
};

/** What a line of facts says is not understood: better no test than one that overlooks something. */
function misunderstood(what: string): never {
  throw new RangeError(`not understood: ${what}`);
}

function match(pattern: RegExp, text: string): Readonly<Record<string, string | undefined>> {
  return pattern.exec(text)?.groups ?? misunderstood(text);
}

class FactsReader {
  readonly #text: string;
  readonly #prefixes: ReadonlyMap<string, string>;

  constructor(text: string) {
    this.#text = text;
    const declared = /^Prefixes used below: (.*)$/m.exec(text)?.[1] ?? "";
    this.#prefixes = new Map([
      ["xsd", XSD],
      ...[...declared.matchAll(/([\w-]+) = `([^`]+)`/g)].map(([, prefix, name]) => [prefix!, name!] as const),
    ]);
  }

  schema(): PublishedSchema {
    const namespace = match(/^Target namespace: `(?<namespace>[^`]+)`/m, this.#text).namespace!;
    const [, elements = "", types = ""] = this.#text.split(/^### (?:Global elements|Complex types.*)$/m);
    const [complex = "", simple = ""] = types.split(/^### Simple types$/m);
    const linesOf = (text: string) =>
      [...text.matchAll(/^- `(\w+)`(?: \(abstract\))? [=:] (.*)$/gm)].map(([, name, what]) => [name!, what!] as const);
    return {
      namespace,
      elements: new Map(
        linesOf(elements).map(([name, what]) => [name, what.startsWith("{") ? this.#complex(what) : this.#type(what)]),
      ),
      complexTypes: new Map(linesOf(complex).map(([name, what]) => [name, this.#complex(what)])),
      simpleTypes: new Map(linesOf(simple || this.#onlySimple()).map(([name, what]) => [name, this.#type(what)])),
    };
  }

  service(name: string): PublishedService {
    const { namespace } = match(/^Definitions namespace: `(?<namespace>[^`]+)`/m, this.#text);
    const { binding, portType } = match(/^portType `(?<portType>\w+)`\nbinding `(?<binding>\w+)`/m, this.#text);
    const { path } = match(/, path `(?<path>[^`]+)`/, this.#text);
    const rows = [...this.#text.matchAll(/^\| (\w+) \| ([^|]+) \| ([^|]+) \|/gm)].slice(1);
    // The table has prefixes of its own; each but the common one is that of the file's schema.
    const { namespace: target } = this.schema();
    const element = (cell: string): Named | undefined =>
      cell.startsWith("(") ? undefined : { namespace: target, local: cell.trim().replace(/^\w+:/, "") };
    const operations = rows.map(([, operation, input, output]) => ({
      name: operation!,
      input: element(input!),
      output: element(output!),
    }));
    return { name, namespace: namespace!, portType: portType!, binding: binding!, path: path!, operations };
  }

  /** A schema may have simple types and no complex ones. */
  #onlySimple(): string {
    return this.#text.split(/^### Simple types$/m)[1] ?? "";
  }

  #named(qname: string): Named {
    const [prefix = "", local = ""] = qname.split(":");
    return { namespace: this.#prefixes.get(prefix) ?? misunderstood(qname), local };
  }

  /** `xsd:int (minInclusive 0)`, `xsd:string one of: A, B` */
  #type(text: string): Type {
    const { name, facets, values } = match(
      /^(?<name>[\w-]+:\w+)(?: \((?<facets>.*)\)| one of: (?<values>.*))?$/,
      text.trim(),
    );
    return {
      ...this.#named(name!),
      facets: [
        ...(facets?.split(/, (?=[a-z]+[A-Z]?\w* )/) ?? []).map((facet) => {
          const at = facet.indexOf(" ");
          return [facet.slice(0, at), facet.slice(at + 1)] as const;
        }),
        ...(values?.split(", ") ?? []).map((value) => ["enumeration", value] as const),
      ],
    };
  }

  #complex(text: string): ComplexType {
    const items = separate(text.trim().replace(/^\{|\}$/g, ""), ";");
    const base = items.find((item) => item.startsWith("extends "));
    const attributes = items.filter((item) => item.startsWith("@"));
    const particles = items.filter((item) => item !== base && !attributes.includes(item));
    return {
      base: base === undefined ? undefined : this.#named(base.slice("extends ".length)),
      particles: particles.map((item) => this.#particle(item)),
      attributes: attributes.map((item) => {
        const { name, type } = match(/^@(?<name>\w+): (?<type>\S+) required$/, item);
        return [name!, this.#named(type!)] as const;
      }),
    };
  }

  #particle(item: string): Particle {
    const group = /^(?<kind>choice|sequence)(?<times>[?*+]|\{\d+\.\.\d+\})? \((?<inside>.*)\)$/.exec(item)?.groups;
    if (group) {
      const kind = group.kind as "choice" | "sequence";
      const particles = separate(group.inside!, kind === "choice" ? "|" : ";").map((each) => this.#particle(each));
      return { ...occurrence(group.times), content: { kind, particles } };
    }
    const reference = /^ref (?<to>\S+)$/.exec(item)?.groups;
    if (reference) return { min: 1, max: 1, content: { kind: "reference", to: this.#named(reference.to!) } };
    const { name, type, times, nillable } = match(
      /^(?<name>\w+): (?<type>[\w-]+:\w+(?: \(.*\))?)(?<times>[?*+]|\{\d+\.\.\d+\})?(?<nillable> nillable)?(?: default \S+)?$/,
      item,
    );
    return {
      ...occurrence(times),
      content: { kind: "element", name: name!, type: this.#type(type!), nillable: nillable !== undefined },
    };
  }
}

/** Pieces between separators that stand in no parentheses. */
function separate(text: string, separator: string): string[] {
  const pieces: string[] = [""];
  let depth = 0;
  for (const character of text) {
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (character === separator && depth === 0) pieces.push("");
    else pieces[pieces.length - 1] += character;
  }
  return pieces.map((piece) => piece.trim()).filter((piece) => piece !== "");
}

function occurrence(times = ""): { min: number; max: number } {
  const range = /^\{(\d+)\.\.(\d+)\}$/.exec(times);
  const [min, max] = range ? [Number(range[1]), Number(range[2])] : (OCCURRENCES[times] ?? misunderstood(times));
  return { min, max };
}

const texts = new Map(
  readdirSync(FACTS)
    .filter((name) => name.endsWith(".md") && name !== "README.md")
    .map((name) => [name.replace(".md", ""), readFileSync(new URL(name, FACTS), "utf8")]),
);

export const PUBLISHED_SERVICES: readonly PublishedService[] = [...texts]
  .filter(([name]) => name !== "common")
  .map(([name, text]) => new FactsReader(text).service(name));

/** By namespace. */
export const PUBLISHED_SCHEMAS: ReadonlyMap<string, PublishedSchema> = new Map(
  [...texts.values()].map((text) => {
    const schema = new FactsReader(text).schema();
    return [schema.namespace, schema];
  }),
);
