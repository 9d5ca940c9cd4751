import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import soap from "soap";

// A server of the `soap` package over the same WSDL that stores nothing and answers at once.
const wsdl = fileURLToPath(new URL("../../wsdl/SmartMeteringConfiguration.wsdl", import.meta.url));
const path = "/osgp-adapter-ws-smartmetering/smartMetering/configurationService/";
const answer = {
  DeviceIdentification: "TEST1027000000001",
  CorrelationUid: "test-org|||TEST1027000000001|||20260101000000000|||00000000-0000-4000-8000-000000000000",
};
const server = createServer((_, response) => response.writeHead(404).end());
server.listen(0, "127.0.0.1", () => {
  soap.listen(server, {
    path,
    services: {
      SmartMeteringConfigurationPortService: {
        SmartMeteringConfigurationPortSoap11: { GetFirmwareVersion: () => answer },
      },
    },
    xml: readFileSync(wsdl, "utf8"),
    uri: wsdl,
    callback: () => console.log(`port ${(server.address() as { port: number }).port}`),
  });
});
process.on("SIGTERM", () => process.exit(0));
