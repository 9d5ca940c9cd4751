import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as soap from "soap";
import { childrenNamed, readXml, required, type XmlNode } from "../../scripts/contract/xml.ts";
import { CONTRACT_SERVICES } from "../../src/contract/codec.ts";
import { COMPLEX_TYPES, ELEMENTS } from "../../src/contract/generated/tables.ts";
import { WSDL_FOLDER, XSD_FOLDER } from "../../src/contract/schema.ts";

const SOAP = "http://schemas.xmlsoap.org/wsdl/soap/";
const HEADERS = ["OrganisationIdentification", "UserName", "ApplicationName"];
const FAULTS = ["FunctionalFault", "TechnicalFault"];

function child(node: XmlNode, name: string): XmlNode {
  const [found] = childrenNamed(node, name);
  assert.ok(found, `<${node.name} name="${node.attributes.name}"> holds a <${name}>`);
  return found;
}

const localName = (name: string) => name.slice(name.indexOf(":") + 1);

const names = (nodes: readonly XmlNode[]) => nodes.map((node) => required(node, "name"));

for (const service of CONTRACT_SERVICES) {
  describe(`the WSDL of ${service.name}`, () => {
    const definitions = readXml(readFileSync(new URL(service.wsdl, WSDL_FOLDER), "utf8"));
    const portType = childrenNamed(child(definitions, "portType"), "operation");
    const binding = childrenNamed(child(definitions, "binding"), "operation");
    const messages = new Map(
      childrenNamed(definitions, "message").map((message) => [
        required(message, "name"),
        required(child(message, "part"), "element"),
      ]),
    );

    it("gives no message the name of an element, which older stub generators would make one class of", () => {
      for (const [name, element] of messages) assert.notEqual(name, localName(element));
    });

    it("is read with all its operations by a client library that is not ours", async () => {
      const client = await soap.createClientAsync(fileURLToPath(new URL(service.wsdl, WSDL_FOLDER)));
      const ports = Object.values<Record<string, object>>(client.describe());
      assert.deepEqual(
        ports.flatMap((port) => Object.values(port).flatMap((operations) => Object.keys(operations))),
        service.operations.map(({ name }) => name),
      );
    });

    it("binds every operation of the port type once, and no other", () => {
      assert.deepEqual(names(binding), names(portType));
      assert.equal(new Set(names(binding)).size, binding.length);
      assert.ok(binding.length > 0);
    });

    it("declares input, output and both faults of every operation by messages that it holds", () => {
      for (const operation of portType) {
        assert.deepEqual(
          operation.children.map((node) => node.name),
          ["input", "output", "fault", "fault"],
        );
        assert.deepEqual(names(childrenNamed(operation, "fault")), FAULTS);
        for (const node of operation.children) assert.ok(messages.has(localName(required(node, "message"))));
      }
    });

    for (const operation of binding) {
      it(`binds ${operation.attributes.name} with action, headers, bodies and faults`, () => {
        assert.equal(required(child(operation, "operation"), "soapAction"), "");
        const input = child(operation, "input").children;
        const headers = input.filter((node) => node.name === "header");
        assert.deepEqual(
          headers.map((node) => messages.get(localName(required(node, "message")))),
          HEADERS.map((name) => `common:${name}`),
        );
        const bodies = [...input, ...child(operation, "output").children].filter((node) => node.name === "body");
        assert.equal(bodies.length, 2);
        const faults = childrenNamed(operation, "fault").map((node) => child(node, "fault"));
        assert.deepEqual(names(faults), FAULTS);
        for (const node of [...headers, ...bodies, ...faults]) {
          assert.deepEqual([node.namespace, required(node, "use")], [SOAP, "literal"]);
        }
      });
    }
  });
}

describe("the documents of the contract", () => {
  it("bind each prefix to one namespace and each namespace to one prefix, which generators for Perl count on", () => {
    const files = [WSDL_FOLDER, XSD_FOLDER].flatMap((folder) =>
      readdirSync(folder).map((file) => new URL(file, folder)),
    );
    const namespaces = new Map<string, string>();
    for (const file of files) {
      for (const [, prefix = "", namespace = ""] of readFileSync(file, "utf8").matchAll(/xmlns:([\w-]+)="([^"]+)"/g)) {
        assert.equal(namespaces.get(prefix) ?? namespace, namespace, `${prefix} in ${file.pathname}`);
        namespaces.set(prefix, namespace);
      }
    }
    assert.equal(new Set(namespaces.values()).size, namespaces.size);
  });
});

describe("the operations of the contract", () => {
  const all = CONTRACT_SERVICES.flatMap((service) => service.operations);

  it("are told apart by the element in the body, which no two share", () => {
    assert.equal(new Set(all.map((operation) => operation.input)).size, all.length);
  });

  it("come in pairs of request and fetch, but for what the platform starts or answers itself", () => {
    const fetched = all.filter((operation) => operation.kind === "fetch").map((operation) => operation.request);
    assert.deepEqual(
      fetched.filter((name) => name !== undefined).sort(),
      all
        .filter((operation) => operation.kind === "request")
        .map((operation) => operation.name)
        .sort(),
    );
    const alone = all.filter((operation) => operation.kind === "fetch" && !operation.request);
    assert.deepEqual(operationNames(alone), ["GetPushNotificationAlarm", "GetSystemEvent"]);
    assert.deepEqual(operationNames(all.filter((operation) => operation.kind === "sync")), [
      "DeleteResponseData",
      "GetDevices",
      "RetrievePushNotificationAlarm",
      "SendNotification",
    ]);
  });

  it("leave no message of the schemas unused but those that the published port types leave out as well", () => {
    const used = new Set<string>(all.flatMap((operation) => [operation.input, operation.output]));
    for (const choice of ["sm-bundle:Actions", "sm-bundle:AllResponses"]) {
      for (const particle of COMPLEX_TYPES[choice]!.particles) {
        if ("choice" in particle) for (const { schema, name } of particle.choice) used.add(`${schema}:${name}`);
      }
    }
    const unused = Object.keys(ELEMENTS).filter((name) => !name.startsWith("common:") && !used.has(name));
    assert.deepEqual(unused, [
      "sm-bundle:GetDevicesRequest",
      "sm-bundle:GetDevicesResponse",
      "sm-installation:GetCommunicationNetworkInformationRequest",
    ]);
  });

  it("keep the names of the published port types, those spelt oddly too", () => {
    const published = (service: string, ...expected: string[]) => {
      const names = operationNames(CONTRACT_SERVICES.find(({ name }) => name === service)!.operations);
      for (const name of expected) assert.ok(names.includes(name), name);
    };
    published("SmartMeteringInstallation", "GetAddDeviceReponse", "GetCoupleMbusDeviceReponse");
    published("SmartMeteringInstallation", "GetDecoupleMbusDeviceReponse", "DecoupleMbusDeviceByChannelResponse");
    published("SmartMeteringInstallation", "GetDecoupleMbusDeviceAdministrativeReponse");
    published("SmartMeteringManagement", "GetGetGsmDiagnosticResponse", "GetClearMBusStatusOnAllChannelsResponse");
    published("SmartMeteringMonitoring", "GetPeriodicMeterReadsResponse", "GetSystemEvent");
    published("SmartMeteringMonitoring", "ActualPowerQuality", "GetActualPowerQualityResponse");
    published("SmartMeteringAdhoc", "TestAlarmScheduler", "GetTestAlarmSchedulerResponse");
  });

  it("pair the administrative decoupling with its result although the contract spells its elements in two ways", () => {
    const operations = CONTRACT_SERVICES.flatMap((service) => service.operations);
    assert.deepEqual(
      operations.filter(({ name }) => name.includes("DecoupleMbusDeviceAdministrative")),
      [
        {
          name: "DecoupleMbusDeviceAdministrative",
          kind: "request",
          input: "sm-installation:DecoupleMBusDeviceAdministrativeRequest",
          output: "sm-installation:DecoupleMBusDeviceAdministrativeAsyncResponse",
        },
        {
          name: "GetDecoupleMbusDeviceAdministrativeReponse",
          kind: "fetch",
          input: "sm-installation:DecoupleMbusDeviceAdministrativeAsyncRequest",
          output: "sm-installation:DecoupleMbusDeviceAdministrativeResponse",
          request: "DecoupleMbusDeviceAdministrative",
        },
      ],
    );
  });
});

function operationNames(operations: readonly { readonly name: string }[]): string[] {
  return operations.map((operation) => operation.name);
}
