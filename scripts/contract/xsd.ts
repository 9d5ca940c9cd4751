import type {
  AttributeTable,
  BuiltInType,
  ChoiceTable,
  FieldTable,
  SimpleTypeTable,
  TypeName,
} from "../../src/contract/tables.ts";
import { childrenNamed, readXml, required, resolveQName, type XmlNode } from "./xml.ts";

const XSD = "http://www.w3.org/2001/XMLSchema";

/** A complex type as declared: its own children only. */
export interface ComplexType {
  readonly name: TypeName;
  readonly base?: TypeName;
  readonly particles: readonly (FieldTable | ChoiceTable)[];
  /** Type of the text of a type that has attributes instead of children. */
  readonly text?: TypeName;
  readonly attributes?: readonly AttributeTable[];
}

/** A simple type as declared: its own facets only. */
export interface SimpleType {
  readonly name: TypeName;
  readonly base: TypeName;
  readonly facets: Omit<SimpleTypeTable, "base">;
}

/** One schema file. Types of elements and fields that have no name get that of their place. */
export interface Schema {
  /** File name without extension; the prefix of its names in generated code. */
  readonly name: string;
  readonly namespace: string;
  readonly elements: readonly { readonly name: string; readonly type: TypeName }[];
  readonly complexTypes: readonly ComplexType[];
  readonly simpleTypes: readonly SimpleType[];
}

/** Reads all schemas together, because a name's prefix follows from the file that declares its namespace. */
export function readSchemas(files: ReadonlyMap<string, string>): Schema[] {
  const roots = [...files].map(([file, text]) => ({ name: file.replace(/\.xsd$/, ""), root: readXml(text) }));
  const names = new Map(roots.map(({ name, root }) => [required(root, "targetNamespace"), name]));
  names.set(XSD, "xsd");
  const elements = new Map(
    roots.flatMap(({ name, root }) =>
      childrenNamed(root, "element").map((node) => [`${name}:${required(node, "name")}`, node]),
    ),
  );
  return roots.map(({ name, root }) => new SchemaReader(name, root, names, elements).read());
}

class SchemaReader {
  readonly #name: string;
  readonly #root: XmlNode;
  readonly #schemaNames: ReadonlyMap<string, string>;
  readonly #globalElements: ReadonlyMap<string, XmlNode>;
  readonly #complexTypes: ComplexType[] = [];
  readonly #simpleTypes: SimpleType[] = [];

  constructor(
    name: string,
    root: XmlNode,
    schemaNames: ReadonlyMap<string, string>,
    globalElements: ReadonlyMap<string, XmlNode>,
  ) {
    if (root.attributes.elementFormDefault !== "qualified") throw new Error(`${name}: elements must be qualified`);
    this.#name = name;
    this.#root = root;
    this.#schemaNames = schemaNames;
    this.#globalElements = globalElements;
  }

  read(): Schema {
    for (const node of childrenNamed(this.#root, "simpleType")) this.#simpleType(node, this.#own(node));
    for (const node of childrenNamed(this.#root, "complexType")) this.#anyComplexType(node, this.#own(node));
    const elements = childrenNamed(this.#root, "element").map((node) => ({
      name: required(node, "name"),
      type: this.#typeOf(node, this.#own(node)),
    }));
    return {
      name: this.#name,
      namespace: required(this.#root, "targetNamespace"),
      elements,
      complexTypes: this.#complexTypes,
      simpleTypes: this.#simpleTypes,
    };
  }

  #own(node: XmlNode): TypeName {
    return `${this.#name}:${required(node, "name")}`;
  }

  #reference(node: XmlNode, qname: string): TypeName {
    const { namespace, local } = resolveQName(node, qname);
    const schema = this.#schemaNames.get(namespace);
    if (!schema) throw new Error(`${this.#name}: no schema declares the namespace of ${qname}`);
    return `${schema}:${local}`;
  }

  /** The type an element declaration names, or the one written inside it, which is filed under `place`. */
  #typeOf(node: XmlNode, place: TypeName): TypeName {
    if (node.attributes.type) return this.#reference(node, node.attributes.type);
    const inline = node.children[0];
    if (inline?.name === "simpleType") this.#simpleType(inline, place);
    else if (inline?.name === "complexType") this.#anyComplexType(inline, place);
    else throw new Error(`${place} has no type`);
    return place;
  }

  #simpleType(node: XmlNode, name: TypeName): void {
    const restriction = node.children[0];
    if (restriction?.name !== "restriction") throw new Error(`${name}: only restrictions are understood`);
    const facets: { -readonly [K in keyof SimpleType["facets"]]: SimpleType["facets"][K] } = {};
    for (const facet of restriction.children) {
      const value = required(facet, "value");
      if (facet.name === "enumeration") facets.enumeration = [...(facets.enumeration ?? []), value];
      else if (facet.name === "pattern") facets.patterns = [...(facets.patterns ?? []), value];
      else if (facet.name === "length") facets.minLength = facets.maxLength = Number(value);
      else if (facet.name === "minLength" || facet.name === "maxLength") facets[facet.name] = Number(value);
      else if (facet.name === "minInclusive" || facet.name === "maxInclusive") facets[facet.name] = bound(value);
      else throw new Error(`${name}: the facet ${facet.name} is not understood`);
    }
    this.#simpleTypes.push({ name, base: this.#reference(restriction, required(restriction, "base")), facets });
  }

  #anyComplexType(node: XmlNode, name: TypeName): void {
    const [content] = node.children;
    if (content?.name === "simpleContent") this.#attributedText(content, name);
    else this.#complexType(node, name);
  }

  #complexType(node: XmlNode, name: TypeName): void {
    const content = node.children[0];
    const extension = content?.name === "complexContent" ? content.children[0] : undefined;
    if (content?.name === "complexContent" && extension?.name !== "extension") {
      throw new Error(`${name}: only extensions are understood`);
    }
    const groups = extension ? extension.children : node.children;
    const base = extension ? { base: this.#reference(extension, required(extension, "base")) } : {};
    this.#complexTypes.push({ name, ...base, particles: groups.flatMap((group) => this.#group(group, name)) });
  }

  /** Text with attributes: the only simpleContent of the contract. */
  #attributedText(content: XmlNode, name: TypeName): void {
    const extension = content.children[0];
    if (extension?.name !== "extension") throw new Error(`${name}: only extensions are understood`);
    const attributes = extension.children.map((node): AttributeTable => {
      const attribute = required(node, "name");
      const { type, use, ...rest } = node.attributes;
      if (node.name !== "attribute" || !type || Object.keys(rest).length > 1 || attribute === "value") {
        throw new Error(`${name}.${attribute} is not understood`);
      }
      return { name: attribute, type: this.#reference(node, type), required: use === "required" };
    });
    const text = this.#reference(extension, required(extension, "base"));
    this.#complexTypes.push({ name, particles: [], text, attributes });
  }

  #group(group: XmlNode, owner: TypeName): (FieldTable | ChoiceTable)[] {
    const { min, max } = occurrence(group);
    if (group.name === "choice") {
      return [{ choice: group.children.map((child) => this.#field(child, owner)), min, max }];
    }
    if (group.name !== "sequence") throw new Error(`${owner}: <${group.name}> is not understood`);
    const particles = group.children.flatMap((child): (FieldTable | ChoiceTable)[] =>
      child.name === "element" ? [this.#field(child, owner)] : this.#group(child, owner),
    );
    if (min === 1 && max === 1) return particles;
    // A repeated sequence of one element is that element, repeated; several that are optional come together or not at all.
    if (particles.length === 1) {
      return particles.map((particle) => ({ ...particle, min: particle.min * min, max: times(particle.max, max) }));
    }
    return particles.map((particle) => {
      const [first] = particles;
      if (max !== 1 || !first || "choice" in first || "choice" in particle || !isPlain(particle)) {
        throw new Error(`${owner}: of several elements only plain ones may be optional together, and none repeated`);
      }
      return { ...particle, min: 0, group: first.name };
    });
  }

  #field(node: XmlNode, owner: TypeName): FieldTable {
    if (node.name !== "element") throw new Error(`${owner}: <${node.name}> is not understood here`);
    const { min, max } = occurrence(node);
    if (node.attributes.ref) {
      const target = this.#reference(node, node.attributes.ref);
      const element = this.#globalElements.get(target);
      if (!element) throw new Error(`${owner}: no element ${target}`);
      const type = element.attributes.type ? this.#reference(element, element.attributes.type) : target;
      const [schema = "", name = ""] = target.split(":");
      return { name, schema, type, min, max };
    }
    const name = required(node, "name");
    return {
      name,
      schema: this.#name,
      type: this.#typeOf(node, `${owner}.${name}`),
      min,
      max,
      ...(node.attributes.nillable === "true" && { nillable: true }),
      ...(node.attributes.default !== undefined && { default: node.attributes.default }),
    };
  }
}

/** Occurs once and has nothing that stands for it when it is absent. */
function isPlain({ min, max, default: fallback }: FieldTable): boolean {
  return min === 1 && max === 1 && fallback === undefined;
}

/** A number where that is exact, otherwise the digits. */
function bound(value: string): number | string {
  const number = Number(value);
  return String(number) === value ? number : value;
}

function occurrence(node: XmlNode): { min: number; max: number | "unbounded" } {
  const { minOccurs = "1", maxOccurs = "1" } = node.attributes;
  return { min: Number(minOccurs), max: maxOccurs === "unbounded" ? "unbounded" : Number(maxOccurs) };
}

function times(a: number | "unbounded", b: number | "unbounded"): number | "unbounded" {
  return a === "unbounded" || b === "unbounded" ? "unbounded" : a * b;
}

/** All schemas as one lookup: derivations resolved. */
export class SchemaSet {
  readonly schemas: readonly Schema[];
  readonly #complex: ReadonlyMap<TypeName, ComplexType>;
  readonly #simple: ReadonlyMap<TypeName, SimpleType>;
  readonly #elements: ReadonlyMap<TypeName, TypeName>;

  constructor(schemas: readonly Schema[]) {
    this.schemas = schemas;
    const names = schemas.flatMap((schema) => [...schema.complexTypes, ...schema.simpleTypes].map((type) => type.name));
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice) throw new Error(`${twice} names two types, perhaps that of an element and one of its own`);
    this.#complex = new Map(schemas.flatMap((schema) => schema.complexTypes.map((type) => [type.name, type])));
    this.#simple = new Map(schemas.flatMap((schema) => schema.simpleTypes.map((type) => [type.name, type])));
    this.#elements = new Map(
      schemas.flatMap((schema) => schema.elements.map((element) => [`${schema.name}:${element.name}`, element.type])),
    );
  }

  /** The children of a complex type, those of its bases first. */
  particles(name: TypeName): (FieldTable | ChoiceTable)[] {
    const type = this.#complex.get(name);
    if (!type) throw new Error(`no complex type ${name}`);
    return [...(type.base ? this.particles(type.base) : []), ...type.particles];
  }

  /** A simple type with the facets of its bases; the innermost bound wins. */
  simple(name: TypeName): SimpleTypeTable {
    if (name.startsWith("xsd:")) return { base: name.slice(4) as BuiltInType };
    const type = this.#simple.get(name);
    if (!type) throw new Error(`no simple type ${name}`);
    const base = this.simple(type.base);
    const patterns = [...(base.patterns ?? []), ...(type.facets.patterns ?? [])];
    return { ...base, ...type.facets, ...(patterns.length > 0 && { patterns }) };
  }

  /** What a complex type is beside its children. */
  complex(name: TypeName): Pick<ComplexType, "text" | "attributes"> {
    const { text, attributes } = this.#complex.get(name) ?? {};
    return { ...(text && { text }), ...(attributes && { attributes }) };
  }

  /** The type of a global element. */
  elementType(name: TypeName): TypeName {
    const type = this.#elements.get(name);
    if (!type) throw new Error(`no element ${name}`);
    return type;
  }
}
