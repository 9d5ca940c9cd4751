import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { XmlBufferInputProvider, XmlDocument, XsdValidator, xmlRegisterInputProvider } from "libxml2-wasm";
import { readSchemas } from "../../scripts/contract/xsd.ts";
import { COMPLEX_TYPES, ELEMENTS, NAMESPACES } from "../../src/contract/generated/tables.ts";
import { validate, XSD_FOLDER } from "../../src/contract/schema.ts";

const CONFIGURATION = NAMESPACES["sm-configuration"];

function issuesOf(xml: string): { message: string; line: number; path: string }[] {
  const document = XmlDocument.fromString(xml);
  try {
    return validate(document).map(({ message, line, path }) => ({ message, line, path }));
  } finally {
    document.dispose();
  }
}

function replaceKeys(key: string, attributes = ""): string {
  return (
    `<ReplaceKeysRequest xmlns="${CONFIGURATION}"${attributes}>\n` +
    "<DeviceIdentification>TEST1024000000001</DeviceIdentification>\n" +
    `<SetKeysRequestData>\n<AuthenticationKey>${key}</AuthenticationKey><EncryptionKey>00</EncryptionKey>` +
    "</SetKeysRequestData></ReplaceKeysRequest>"
  );
}

describe("each schema of the contract", () => {
  const files = readdirSync(XSD_FOLDER).filter((name) => name.endsWith(".xsd"));
  const provider = new XmlBufferInputProvider(
    Object.fromEntries(files.map((name) => [`alone:///${name}`, readFileSync(new URL(name, XSD_FOLDER))])),
  );
  before(() => xmlRegisterInputProvider(provider));
  after(() => {
    for (const name of files) provider.removeBuffer(`alone:///${name}`);
  });

  for (const name of files) {
    it(`${name} compiles with nothing but what it imports`, () => {
      const document = XmlDocument.fromString(readFileSync(new URL(name, XSD_FOLDER), "utf8"), {
        url: `alone:///${name}`,
      });
      try {
        XsdValidator.fromDoc(document).dispose();
      } finally {
        document.dispose();
      }
    });
  }

  it("leaves no element's type to be substituted by xsi:type, so that names alone decide what is read", () => {
    const schemas = readSchemas(new Map(files.map((name) => [name, readFileSync(new URL(name, XSD_FOLDER), "utf8")])));
    const types = schemas.flatMap((schema) => schema.complexTypes).filter(({ name }) => ELEMENTS[name] === undefined);
    const derived = new Set(types.map(({ base }) => base));
    assert.ok(derived.has("sm-monitoring:PeriodicMeterReadsRequestData"));
    const used = Object.values(COMPLEX_TYPES).flatMap(({ particles }) =>
      particles.flatMap((particle) => ("choice" in particle ? particle.choice : [particle])),
    );
    assert.deepEqual(
      used.filter(({ type }) => derived.has(type)),
      [],
    );
  });
});

describe("validation against the contract's schemas", () => {
  it("accepts a valid document", () => {
    assert.deepEqual(issuesOf(replaceKeys("00")), []);
  });

  it("knows every global element of every schema", () => {
    const unknown = Object.keys(ELEMENTS).filter((name) => {
      const [schema = "", local] = name.split(":");
      const [issue] = issuesOf(`<${local} xmlns="${NAMESPACES[schema as keyof typeof NAMESPACES]}"/>`);
      return issue?.message.includes("No matching global declaration");
    });
    assert.deepEqual(unknown, []);
  });

  it("checks one element of a larger document, as a body in its envelope", () => {
    const document = XmlDocument.fromString(`<Envelope>${replaceKeys("0g")}</Envelope>`);
    try {
      const body = document.get("/*/*");
      assert.ok(body && "namespaceUri" in body);
      assert.equal(validate(body as never).length, 1);
      assert.match(validate(document)[0]!.message, /^Element 'Envelope': No matching global declaration/);
    } finally {
      document.dispose();
    }
  });

  it("names element, line and path, but never the value", () => {
    for (const secret of ["SECRETx", "SECRET' is not", "SECRET' has SECRET"]) {
      const issues = issuesOf(replaceKeys(secret));
      assert.equal(issues.length, 1);
      const [issue] = issues;
      assert.equal(
        issue!.message,
        `Element '{${CONFIGURATION}}AuthenticationKey': The value is not a valid value of the atomic type 'xs:hexBinary'.`,
      );
      assert.equal(issue!.line, 4);
      assert.equal(issue!.path, "/ReplaceKeysRequest/SetKeysRequestData/AuthenticationKey");
    }
  });

  it("tells names of another namespace apart, and what would be right", () => {
    const [issue] = issuesOf(
      `<GetFirmwareVersionRequest xmlns="${CONFIGURATION}"><DeviceIdentification xmlns="urn:other"/></GetFirmwareVersionRequest>`,
    );
    assert.equal(
      issue!.message,
      "Element '{urn:other}DeviceIdentification': This element is not expected. " +
        `Expected is ( {${CONFIGURATION}}DeviceIdentification ).`,
    );
    assert.equal(issue!.path, "/GetFirmwareVersionRequest/DeviceIdentification");
  });

  it("names the schema's own values, in lists and bounds, without the one that came", () => {
    const fire = (time: string, alarm: string) =>
      `<TestAlarmSchedulerRequest xmlns="${NAMESPACES["sm-adhoc"]}"><DeviceIdentification>TEST1024000000001</DeviceIdentification>` +
      `<TestAlarmSchedulerRequestData><ScheduleTime>${time}</ScheduleTime><AlarmType>${alarm}</AlarmType>` +
      "</TestAlarmSchedulerRequestData></TestAlarmSchedulerRequest>";
    const [issue] = issuesOf(fire("2027-01-01T00:00:00Z", "SECRET' is not an element of the set {'x'}"));
    assert.match(
      issue!.message,
      /AlarmType': \[facet 'enumeration'\] The value is not an element of the set \{'PARTIAL_POWER_OUTAGE', 'LAST_GASP'\}\.$/,
    );
    const [short] = issuesOf(
      `<GetFirmwareVersionRequest xmlns="${CONFIGURATION}"><DeviceIdentification>SECRET</DeviceIdentification></GetFirmwareVersionRequest>`,
    );
    assert.match(short!.message, /The value has a length of '6'; this underruns the allowed minimum length of '16'\.$/);
    // White space around an xsd:dateTime belongs to it (XML Schema, part 2, section 4.3.6).
    assert.deepEqual(issuesOf(fire(" \n2027-01-01T00:00:00Z\t", "LAST_GASP")), []);
    assert.equal(issuesOf(fire(" 2027-13-01T00:00:00Z ", "LAST_GASP")).length, 1);
  });

  it("points by names whatever prefixes the document has, with positions among equals", () => {
    const xml =
      `<x:SetSpecialDaysRequest xmlns:x="${CONFIGURATION}"><x:DeviceIdentification>TEST1024000000001</x:DeviceIdentification>` +
      `<SpecialDaysRequestData xmlns="${CONFIGURATION}"><SpecialDays><specialDayDate>FFFF0C19FF</specialDayDate><dayId>1</dayId></SpecialDays>` +
      "<SpecialDays><specialDayDate>FFFF0C19FF</specialDayDate><dayId>one</dayId></SpecialDays></SpecialDaysRequestData></x:SetSpecialDaysRequest>";
    assert.deepEqual(
      issuesOf(xml).map(({ path }) => path),
      ["/SetSpecialDaysRequest/SpecialDaysRequestData/SpecialDays[2]/dayId"],
    );
  });

  it("leaves the value out of messages about facets too", () => {
    const device = "SECRET' is not accepted by the pattern '!'";
    const xml = `<GetFirmwareVersionRequest xmlns="${CONFIGURATION}"><DeviceIdentification>${device}</DeviceIdentification></GetFirmwareVersionRequest>`;
    const enabled = `<GetAdministrativeStatusResponse xmlns="${CONFIGURATION}"><Enabled>SECRET</Enabled></GetAdministrativeStatusResponse>`;
    const priority = `<MessagePriority xmlns="${NAMESPACES.common}">77777</MessagePriority>`;
    const messages = [xml, enabled, priority].flatMap((text) => issuesOf(text).map((issue) => issue.message));
    assert.equal(messages.length, 3);
    for (const message of messages) assert.doesNotMatch(message, /SECRET|77777/);
  });

  it("refuses text between elements, unknown attributes and types, and children of another namespace", () => {
    for (const xml of [
      replaceKeys("00").replace("<SetKeysRequestData>", "stray<SetKeysRequestData>"),
      replaceKeys("00", ' extra="1"'),
      replaceKeys("00").replace("<SetKeysRequestData>", '<SetKeysRequestData xmlns="urn:other">'),
      replaceKeys("00").replace(
        "<SetKeysRequestData>",
        '<SetKeysRequestData xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="UpdateFirmwareRequestData">',
      ),
    ]) {
      assert.notDeepEqual(issuesOf(xml), []);
    }
  });

  it("takes nothing from where a document says that schemas are", () => {
    // Its schema is compiled by then.
    assert.deepEqual(issuesOf(replaceKeys("00")), []);
    const asked: string[] = [];
    xmlRegisterInputProvider({
      match: (name) => asked.push(name) > 0,
      open: () => undefined,
      read: () => -1,
      close: () => true,
    });
    const hint = `${CONFIGURATION} metergate:///xsd/sm-configuration.xsd urn:other file:///etc/passwd`;
    const xsi = `xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${hint}"`;
    assert.deepEqual(issuesOf(replaceKeys("00", ` ${xsi}`)), []);
    assert.notDeepEqual(issuesOf(`<a xmlns="urn:other" ${xsi}/>`), []);
    assert.ok(!asked.some((name) => name.includes("sm-configuration")));
  });
});
