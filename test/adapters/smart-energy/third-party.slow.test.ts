import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { createClientAsync } from "soap";
import { sleep, systemClock } from "../../../src/lib/clock.ts";
import { receiveMessage } from "../../../src/simulators/smart-energy/received.ts";
import { GATEWAY, METER, SmartEnergyWorld } from "./world.ts";

const HEADERS = { OrganisationIdentification: "test-org", UserName: "demo", ApplicationName: "ERP" };
const DEVICE = { DeviceIdentification: GATEWAY };

/** One command of each group: server, client, shared, meter, events. */
const CALLS: readonly (readonly [operation: string, request: object, element: string])[] = [
  [
    "CreateDrlcEvent",
    { Record: { EventId: 301, DeviceClass: ["WATER_HEATER"], Duration: 60, CoolingTemperatureOffset: "1.5" } },
    "EventId",
  ],
  ["CreateMessageEvent", { Record: { MessageId: 302, Duration: 60, Message: "Peak & price" } }, "Message"],
  ["CreatePriceEvent", { Record: { EventId: 303, Currency: "EUR", Duration: 60, Price: "0.120" } }, "Price"],
  ["ConfirmMessageEvent", { Record: { MessageId: 304 } }, "MessageId"],
  ["GetDrlcEvents", {}, "EventId"],
  [
    "GetMeterProfile",
    {
      MeterAddress: METER.mac,
      MeterEndpoint: 1,
      Record: { IntervalChannel: "DELIVERED", NumberOfPeriods: 4 },
    },
    "Status",
  ],
  ["FindGatewayEvents", { Page: 0 }, "TotalPages"],
];

const ZEEP = fileURLToPath(new URL("zeep-client.py", import.meta.url));
/** That of Debian comes first: its package python3-zeep is for no other. */
const PYTHONS = ["/usr/bin/python3", "python3"];

describe("clients generated from the WSDL of SmartEnergy", () => {
  let world: SmartEnergyWorld;
  before(async () => {
    world = await SmartEnergyWorld.start();
  });
  beforeEach(() => {
    world.gateway.drlc.clear();
    world.gateway.messages.clear();
    world.gateway.prices.clear();
    world.gateway.receivedMessages.clear();
    receiveMessage(world.gateway, { message_id: 304, duration_in_minutes: 60, message: "x" });
  });
  after(() => world.stop());

  const wsdl = () => `${world.world.service.baseUrl}/metergate/smartEnergy/?wsdl`;

  it("call one command of each group: node-soap", async () => {
    const client = await createClientAsync(wsdl());
    for (const [name, value] of Object.entries(HEADERS)) {
      client.addSoapHeader(
        { [`com:${name}`]: value },
        "",
        "com",
        "http://www.opensmartgridplatform.org/schemas/common/2014/10",
      );
    }
    for (const [operation, request, element] of CALLS) {
      const [sent] = await client[`${operation}Async`]({ ...DEVICE, ...request });
      const fetch = operation.startsWith("Get") ? `${operation}Response` : `Get${operation}Response`;
      const asked = { ...DEVICE, CorrelationUid: sent.CorrelationUid };
      let answer: object | undefined;
      for (let tries = 0; !answer && tries < 200; tries++) {
        answer = await client[`${fetch}Async`](asked).then(
          ([found]: [object]) => found,
          async (error: Error) => {
            assert.match(String(error), /CorrelationUid is unknown/);
            await sleep(systemClock, 20);
          },
        );
      }
      const text = JSON.stringify(answer);
      assert.match(text, /"Result":"OK"/, operation);
      assert.match(text, new RegExp(`"${element}":`), text);
    }
  });

  it("call one command of each group: zeep, strictly", async function () {
    const found = PYTHONS.find((each) => spawnSync(each, ["-c", "import zeep"]).status === 0);
    if (!found) return this.skip();
    const calls = JSON.stringify([HEADERS, DEVICE, CALLS]);
    const python = spawn(found, [ZEEP, wsdl(), calls]);
    let out = "";
    let err = "";
    python.stdout.on("data", (more) => {
      out += more;
    });
    python.stderr.on("data", (more) => {
      err += more;
    });
    const code = await new Promise((resolve) => python.on("close", resolve));
    assert.equal(code, 0, err + out);
    const lines = out.trim().split("\n");
    assert.deepEqual(
      lines.map((line) => line.split(" ").slice(0, 2).join(" ")),
      CALLS.map(([operation]) => `${operation} OK`),
    );
    assert.ok(
      lines.every((line) => !line.endsWith(" None")),
      out,
    );
  });
});
