import assert from "node:assert/strict";
import { qualifiedName, SERVICES } from "../../src/contract/codec.ts";
import { Routes } from "../../src/soap/routes.ts";

describe("a service that is offered", () => {
  for (const service of SERVICES) {
    it(`does every operation that the WSDL of ${service.name} promises`, () => {
      const routes = new Routes(service);
      for (const { name, input, output } of service.operations) {
        const { namespace, local } = qualifiedName(input);
        const route = routes.find(namespace, local);
        assert.deepEqual([route.name, route.output], [name, output]);
      }
    });
  }
});
