import { escapeXml } from "../../src/lib/xml.ts";
import { type ComplexType, type Named, type Particle, PUBLISHED_SCHEMAS, type Type, XSD } from "./published.ts";

/** The text of a leaf: what it is called, below which element, and its type. Null leaves out what may be left out. */
export type Fill = (name: string, type: Named, parent: string) => string | null | undefined;

/** Texts of the built-in types, where nobody has a better one. */
const TEXTS: Readonly<Record<string, string>> = {
  string: "text",
  normalizedString: "text",
  boolean: "true",
  dateTime: "2026-06-01T00:00:00Z",
  decimal: "1",
  hexBinary: "00",
};

/** Builds documents of what the published schemas declare: of all that may be there, or only of what must. */
export class InstanceBuilder {
  readonly #all: boolean;
  readonly #fill: Fill;

  constructor(amount: "least" | "most", fill: Fill = () => undefined) {
    this.#all = amount === "most";
    this.#fill = fill;
  }

  /** A global element, as XML. */
  build({ namespace, local }: Named): string {
    const declared = schemaOf(namespace).elements.get(local);
    if (!declared) throw new RangeError(`the published schemas have no element ${local}`);
    return this.#element(namespace, local, declared, "");
  }

  #element(namespace: string, name: string, type: Type | ComplexType, parent: string): string {
    const { content, attributes = "" } = this.#content(namespace, name, type, parent);
    return `<p:${name} xmlns:p="${namespace}"${attributes}>${content}</p:${name}>`;
  }

  #content(
    namespace: string,
    name: string,
    type: Type | ComplexType,
    parent: string,
  ): { content: string; attributes?: string } {
    if (!("local" in type)) return { content: this.#particles(type, namespace, name) };
    const complex = PUBLISHED_SCHEMAS.get(type.namespace)?.complexTypes.get(type.local);
    if (!complex) return { content: this.#text(name, type, parent) };
    if (complex.attributes.length === 0) return { content: this.#particles(complex, type.namespace, name) };
    const attributes = complex.attributes.map(
      ([attribute, attributeType]) =>
        ` ${attribute}="${this.#text(attribute, { ...attributeType, facets: [] }, name)}"`,
    );
    return { content: this.#text(name, { ...complex.base!, facets: [] }, parent), attributes: attributes.join("") };
  }

  /** @param namespace of the schema that declares the type: its own children are of that, those of its base of another */
  #particles({ base, particles }: ComplexType, namespace: string, parent: string): string {
    const inherited = base
      ? this.#particles(schemaOf(base.namespace).complexTypes.get(base.local)!, base.namespace, parent)
      : "";
    return inherited + particles.map((each) => this.#particle(each, namespace, parent)).join("");
  }

  #particle({ min, max, content }: Particle, namespace: string, parent: string): string {
    const times = this.#all ? Math.max(min, Math.min(max, 2)) : min;
    const once = () => {
      switch (content.kind) {
        case "element":
          if (min === 0 && this.#fill(content.name, content.type, parent) === null) return "";
          return this.#element(namespace, content.name, content.type, parent);
        case "reference":
          return this.build(content.to);
        case "sequence":
          return content.particles.map((each) => this.#particle(each, namespace, parent)).join("");
        case "choice":
          return this.#particle(content.particles[0]!, namespace, parent);
      }
    };
    // All that a repeated choice offers, one after the other.
    if (content.kind === "choice" && this.#all && max === Number.POSITIVE_INFINITY) {
      return content.particles.map((each) => this.#particle(each, namespace, parent)).join("");
    }
    return Array.from({ length: times }, once).join("");
  }

  #text(name: string, type: Type, parent: string): string {
    return escapeXml(this.#fill(name, type, parent) ?? textOf(type));
  }
}

function schemaOf(namespace: string) {
  const schema = PUBLISHED_SCHEMAS.get(namespace);
  if (!schema) throw new RangeError(`no published schema of ${namespace}`);
  return schema;
}

/** Some text that the type allows. */
function textOf(type: Type): string {
  const facets = new Map(type.facets.toReversed());
  const [enumeration, pattern, minLength] = ["enumeration", "pattern", "minLength"].map((name) => facets.get(name));
  if (enumeration !== undefined) return enumeration;
  if (pattern === "[0-9]{8}") return "12056731";
  if (pattern === "[A-Z]{3}") return "LGB";
  if (pattern?.startsWith("http")) return "http://erp.example/";
  if (minLength !== undefined && Number(minLength) > 4) return "x".repeat(Number(minLength));
  const length = facets.get("length");
  if (length !== undefined) return "FF".repeat(Number(length));
  const least = facets.get("minInclusive");
  if (least !== undefined) return least;
  if (type.namespace === XSD) return TEXTS[type.local] ?? "1";
  const declared = schemaOf(type.namespace).simpleTypes.get(type.local);
  if (!declared) throw new RangeError(`the published schemas have no type ${type.local}`);
  return textOf(declared);
}
