import assert from "node:assert/strict";
import fc from "fast-check";
import { XmlDocument } from "libxml2-wasm";
import {
  CONTRACT_SERVICES,
  type ElementName,
  type ElementTypes,
  elementNameOf,
  encodeElement,
  qualifiedName,
} from "../../src/contract/codec.ts";
import { ELEMENTS, NAMESPACES } from "../../src/contract/generated/tables.ts";
import { validate } from "../../src/contract/schema.ts";
import { OPERATIONS } from "../../src/operations/index.ts";
import type { KnownOperation } from "../../src/operations/registry.ts";
import { valuesOf } from "./arbitraries.ts";
import { type Named, PUBLISHED_SCHEMAS, PUBLISHED_SERVICES } from "./published.ts";
import { InstanceBuilder } from "./published-instance.ts";
import { publishedIssues } from "./published-xsd.ts";

const PUBLISHED: readonly Named[] = [...PUBLISHED_SCHEMAS.values()].flatMap(({ namespace, elements }) =>
  [...elements.keys()].map((local) => ({ namespace, local })),
);

/** What published and own schemas have against an element. */
function issuesOf(xml: string): { readonly published: string[]; readonly own: string[] } {
  const document = XmlDocument.fromString(xml);
  try {
    return { published: publishedIssues(document.root), own: validate(document).map(({ message }) => message) };
  } finally {
    document.dispose();
  }
}

describe("the published contract", () => {
  it("is of eight services and their schemas, which no own one of theirs goes beyond", () => {
    assert.equal(PUBLISHED_SERVICES.length, 8);
    assert.ok(PUBLISHED.length > 300);
    const namespaces = new Set(PUBLISHED.map(({ namespace }) => namespace));
    const own = (Object.keys(ELEMENTS) as ElementName[])
      .map((name) => qualifiedName(name))
      .filter(({ namespace }) => namespaces.has(namespace));
    const text = ({ namespace, local }: Named) => `{${namespace}}${local}`;
    assert.deepEqual(own.map(text).sort(), PUBLISHED.map(text).sort());
  });

  for (const service of PUBLISHED_SERVICES) {
    it(`has ${service.name} at the same path, with each published operation and its elements`, () => {
      const { operations, ...published } = service;
      const own = CONTRACT_SERVICES.find(({ name }) => name === service.name)!;
      for (const [key, value] of Object.entries(published)) assert.equal(own[key as keyof typeof own], value);
      for (const { name, input, output } of operations) {
        const found = own.operations.find((each) => each.name === name);
        assert.ok(found, name);
        for (const [ours, theirs] of [
          [found.input, input],
          [found.output, output],
        ] as const) {
          if (theirs) assert.deepEqual({ ...qualifiedName(ours) }, theirs, name);
        }
      }
    });
  }

  for (const amount of ["least", "most"] as const) {
    it(`takes of each element the ${amount} that it may hold, as our own schemas do`, () => {
      const builder = new InstanceBuilder(amount);
      for (const element of PUBLISHED) {
        const xml = builder.build(element);
        assert.deepEqual(issuesOf(xml), { published: [], own: [] }, xml);
      }
    });
  }

  const kinds = new Set(
    PUBLISHED_SCHEMAS.get(NAMESPACES["sm-notification"])!
      .simpleTypes.get("NotificationType")!
      .facets.map(([, value]) => value),
  );

  it("has the kind of each notification that one of its operations sends", () => {
    const operations = PUBLISHED_SERVICES.flatMap((service) => service.operations);
    const sent = operations.flatMap(({ name }) => OPERATIONS[name as KnownOperation]?.notification ?? []);
    assert.ok(sent.length > 40);
    assert.deepEqual(
      sent.filter((kind) => !kinds.has(kind)),
      [],
    );
  });

  /** Kinds of notifications of Metergate's own services go to those alone who use them. */
  const isPublished = (value: unknown) => {
    const { Notification } = value as Partial<ElementTypes["sm-notification:SendNotificationRequest"]>;
    return Notification === undefined || kinds.has(Notification.NotificationType);
  };

  for (const { namespace, local } of PUBLISHED) {
    it(`takes what we write of ${local} of ${namespace.replace(/.*\/(.+)\/2014.*/, "$1")}`, () => {
      const name = elementNameOf(namespace, local)!;
      fc.assert(
        fc.property(valuesOf(name).filter(isPublished), (value) => {
          const xml = encodeElement(name, value as ElementTypes[typeof name]);
          assert.deepEqual(issuesOf(xml).published, [], xml);
        }),
        { numRuns: 10 },
      );
    });
  }

  it("refuses what differs by a name, an order, a facet", () => {
    const builder = new InstanceBuilder("least");
    const xml = builder.build({ namespace: NAMESPACES["sm-monitoring"], local: "PeriodicMeterReadsRequest" });
    for (const [from, to] of [
      [/BeginDate/g, "StartDate"],
      [/(<p:BeginDate.*<\/p:BeginDate>)(<p:EndDate.*<\/p:EndDate>)/, "$2$1"],
      [">DAILY<", ">WEEKLY<"],
      [/<p:DeviceIdentification.*?<\/p:DeviceIdentification>/, ""],
    ] as const) {
      assert.notEqual(xml.replace(from, to), xml);
      assert.equal(issuesOf(xml.replace(from, to)).published.length > 0, true);
    }
  });
});
