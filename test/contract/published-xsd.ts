import {
  XmlBufferInputProvider,
  XmlDocument,
  type XmlElement,
  XmlValidateError,
  XsdValidator,
  xmlRegisterInputProvider,
} from "libxml2-wasm";
import { escapeXml } from "../../src/lib/xml.ts";
import {
  type ComplexType,
  type Named,
  type Particle,
  PUBLISHED_SCHEMAS,
  type PublishedSchema,
  type Type,
  XSD,
} from "./published.ts";

const NAMESPACES = [...PUBLISHED_SCHEMAS.keys()];
const BASE = "published:///";
const PREFIXES = NAMESPACES.map((namespace, i) => `xmlns:n${i}="${namespace}"`).join(" ");
const IMPORTS = NAMESPACES.map((namespace, i) => `<x:import namespace="${namespace}" schemaLocation="n${i}.xsd"/>`);

const qname = ({ namespace, local }: Named) =>
  namespace === XSD ? `x:${local}` : `n${NAMESPACES.indexOf(namespace)}:${local}`;

function restriction({ facets, ...named }: Type): string {
  const written = facets.map(([name, value]) => `<x:${name} value="${escapeXml(value)}"/>`).join("");
  return `<x:simpleType><x:restriction base="${qname(named)}">${written}</x:restriction></x:simpleType>`;
}

function particle({ min, max, content }: Particle): string {
  const occurs = `minOccurs="${min}" maxOccurs="${max === Number.POSITIVE_INFINITY ? "unbounded" : max}"`;
  switch (content.kind) {
    case "reference":
      return `<x:element ref="${qname(content.to)}" ${occurs}/>`;
    case "element": {
      const { name, type, nillable } = content;
      const start = `<x:element name="${name}" nillable="${nillable}" ${occurs}`;
      return type.facets.length > 0 ? `${start}>${restriction(type)}</x:element>` : `${start} type="${qname(type)}"/>`;
    }
    default:
      return `<x:${content.kind} ${occurs}>${content.particles.map(particle).join("")}</x:${content.kind}>`;
  }
}

function complex({ base, particles, attributes }: ComplexType): string {
  if (attributes.length > 0) {
    const written = attributes.map(
      ([name, type]) => `<x:attribute name="${name}" type="${qname(type)}" use="required"/>`,
    );
    return `<x:simpleContent><x:extension base="${qname(base!)}">${written.join("")}</x:extension></x:simpleContent>`;
  }
  const sequence = `<x:sequence>${particles.map(particle).join("")}</x:sequence>`;
  return base
    ? `<x:complexContent><x:extension base="${qname(base)}">${sequence}</x:extension></x:complexContent>`
    : sequence;
}

function schema({ namespace, elements, complexTypes, simpleTypes }: PublishedSchema): string {
  const parts = [
    ...[...simpleTypes].map(([name, type]) =>
      restriction(type).replace("<x:simpleType>", `<x:simpleType name="${name}">`),
    ),
    ...[...complexTypes].map(([name, type]) => `<x:complexType name="${name}">${complex(type)}</x:complexType>`),
    ...[...elements].map(([name, type]) =>
      "local" in type
        ? `<x:element name="${name}" type="${qname(type)}"/>`
        : `<x:element name="${name}"><x:complexType>${complex(type)}</x:complexType></x:element>`,
    ),
  ];
  const others = IMPORTS.filter((_, i) => NAMESPACES[i] !== namespace);
  return (
    `<x:schema xmlns:x="${XSD}" ${PREFIXES} targetNamespace="${namespace}" elementFormDefault="qualified">` +
    `${others.join("")}${parts.join("")}</x:schema>`
  );
}

function compile(): XsdValidator {
  const files = [...PUBLISHED_SCHEMAS.values()].map(
    (each, i) => [`${BASE}n${i}.xsd`, Buffer.from(schema(each))] as const,
  );
  const provider = new XmlBufferInputProvider(Object.fromEntries(files));
  xmlRegisterInputProvider(provider);
  const all = XmlDocument.fromString(`<x:schema xmlns:x="${XSD}">${IMPORTS.join("")}</x:schema>`, {
    url: `${BASE}all`,
  });
  try {
    return XsdValidator.fromDoc(all);
  } finally {
    all.dispose();
    for (const [name] of files) provider.removeBuffer(name);
  }
}

let validator: XsdValidator | undefined;

/** What the published schemas have against an element. */
export function publishedIssues(element: XmlElement): string[] {
  validator ??= compile();
  try {
    validator.validate(element);
    return [];
  } catch (error) {
    if (!(error instanceof XmlValidateError)) throw error;
    return error.details.map(({ message }) => message.trim());
  }
}
