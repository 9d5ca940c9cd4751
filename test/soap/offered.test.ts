import assert from "node:assert/strict";
import { CONTRACT_SERVICES, qualifiedName } from "../../src/contract/codec.ts";
import { isOffered, Routes, SERVICES } from "../../src/soap/routes.ts";

/** Services of the contract that are not offered; what is in no such list is, without being named anywhere. */
const NOT_OFFERED = [
  // An ERP offers it, and is called.
  "SmartMeteringNotification",
];

describe("the services of the contract", () => {
  it("are offered when all of their operations are there", () => {
    const missing = CONTRACT_SERVICES.filter((service) => !SERVICES.includes(service)).map(({ name }) => name);
    assert.deepEqual(missing, NOT_OFFERED);
  });

  it("are not offered as long as one of their operations is missing", () => {
    const [service] = SERVICES;
    const [first, ...others] = service!.operations;
    assert.ok(first && isOffered({ operations: others }));
    const unknown = { ...first, name: "GetPhaseOfTheMoon" };
    assert.equal(isOffered({ operations: [...others, unknown] }), false);
    const atOnce = { ...unknown, kind: "sync" } as const;
    assert.equal(isOffered({ operations: [...others, atOnce] }), false);
  });
});

describe("a service that is offered", () => {
  for (const service of SERVICES) {
    it(`finds every operation of the WSDL of ${service.name} by the element of its request`, () => {
      const routes = new Routes(service);
      for (const { name, input, output } of service.operations) {
        const { namespace, local } = qualifiedName(input);
        const route = routes.find(namespace, local);
        assert.deepEqual([route.name, route.output], [name, output]);
      }
    });
  }

  for (const [operation, action] of [
    [
      "SynchronizeTime",
      "http://www.opensmartgridplatform.org/definitions/smartmetering/sm-adhoc-v1.0/SmartMeteringAdhocPort/SynchronizeTimeResponse",
    ],
    ["SetRelay", "urn:metergate:definitions:ekm-meter-settings:1.0:EkmMeterSettingsPort:SetRelayResponse"],
    ["GetRebootResponse", "urn:metergate:egauge-commands:1:definitions:EgaugeCommandsPort:GetRebootResponseResponse"],
  ] as const) {
    it(`has the WS-Addressing action of the default pattern, which a URN continues with colons: ${operation}`, () => {
      const service = SERVICES.find(({ operations }) => operations.some(({ name }) => name === operation))!;
      const { namespace, local } = qualifiedName(service.operations.find(({ name }) => name === operation)!.input);
      assert.equal(new Routes(service).find(namespace, local).answerAction, action);
    });
  }
});
