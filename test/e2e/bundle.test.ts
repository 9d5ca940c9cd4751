import assert from "node:assert/strict";
import { XmlDocument, type XmlElement } from "libxml2-wasm";
import { EXECUTIONS } from "../../src/adapters/dlms/operations/index.ts";
import type { Answered } from "../../src/cli/erp-client.ts";
import { WIRE_FORMS } from "../../src/contract/operations/index.ts";
import { asElements, asNumber } from "../../src/dlms/data.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { run, sample, startWorld, type World } from "./harness.ts";

const NAMESPACES = {
  bundle: "http://www.opensmartgridplatform.org/schemas/smartmetering/sm-bundle/2014/10",
  conf: "http://www.opensmartgridplatform.org/schemas/smartmetering/sm-configuration/2014/10",
  adhoc: "http://www.opensmartgridplatform.org/schemas/smartmetering/sm-adhoc/2014/10",
};
const METER = "TEST1052000000001";
const FORMS = [...WIRE_FORMS.values()];

/** Name and texts of the children of an element, in document order. */
function childrenOf(xml: string | Uint8Array, element: string): { name: string; texts: string[] }[] {
  const document = typeof xml === "string" ? XmlDocument.fromString(xml) : XmlDocument.fromBuffer(xml);
  try {
    const nodes = document.find(`//bundle:${element}/*`, NAMESPACES) as XmlElement[];
    return nodes.map((node) => ({
      name: node.name,
      texts: (node.find("descendant::*[not(*)]") as XmlElement[]).map(({ content }) => content),
    }));
  } finally {
    document.dispose();
  }
}

const responsesIn = ({ xml }: Answered) => childrenOf(xml, "AllResponses");

/** The sample with other actions in it. */
function bundle(actions: string, device = METER): Uint8Array<ArrayBuffer> {
  const text = new TextDecoder().decode(sample("Bundle", [METER, device]));
  const [before, after] = text.split(/<bundle:Actions>[\s\S]*<\/bundle:Actions>/);
  return new Uint8Array(Buffer.from(`${before}<bundle:Actions>${actions}</bundle:Actions>${after}`));
}

describe("a bundle", () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  it("of thirteen kinds has the response of each at its place, and 416 where nobody carries it out", async () => {
    const document = sample("Bundle");
    const kinds = childrenOf(document, "Actions").map(({ name }) => name);
    assert.equal(new Set(kinds).size, 13);
    const responses = responsesIn(await run(world.client, document));
    const expected = kinds.map((kind) => {
      const form = FORMS.find(({ bundle }) => bundle?.request === kind);
      const offered = form && EXECUTIONS.has(form.operation.name);
      return offered ? `${form.bundle?.response} OK` : "FaultResponse NOT OK 416";
    });
    const seen = responses.map(
      ({ name, texts }) => `${name} ${texts.slice(0, name === "FaultResponse" ? 2 : 1).join(" ")}`,
    );
    assert.deepEqual(seen, expected);
    const days = asElements(world.meter(METER).read(11, parseObis("0.0.11.0.0.255"), 2));
    assert.equal(days.length, 1);
  });

  it("does its actions in document order, also across element names", async () => {
    const set = (status: string) =>
      `<bundle:SetAdministrativeStatusRequest><conf:AdministrativeStatusType>${status}</conf:AdministrativeStatusType></bundle:SetAdministrativeStatusRequest>`;
    const get = "<bundle:GetAdministrativeStatusRequest/>";
    const answer = await run(world.client, bundle([set("ON"), get, set("OFF"), get, set("ON"), get].join("")));
    assert.deepEqual(
      responsesIn(answer).map(({ name, texts }) => `${name} ${texts[1]}`),
      ["ON", "OFF", "ON"].flatMap((status) => [
        "ActionResponse Set administrative status was successful",
        `AdministrativeStatusResponse ${status}`,
      ]),
    );
    assert.equal(asNumber(world.meter(METER).read(1, parseObis("0.1.94.31.0.255"), 2)), 2);
  });

  it("tells of an action that cannot run at its place, and does the others", async () => {
    const zone = (name: string) =>
      `<bundle:SynchronizeTimeRequest><adhoc:TimeZone>${name}</adhoc:TimeZone></bundle:SynchronizeTimeRequest>`;
    const gas = (device: string) =>
      `<bundle:GetFirmwareVersionGasRequest><conf:DeviceIdentification>${device}</conf:DeviceIdentification></bundle:GetFirmwareVersionGasRequest>`;
    const actions = [zone("Nowhere"), gas("TESTG000000000000"), zone("Europe/Amsterdam"), zone("Asia/Tokyo")];
    const responses = responsesIn(await run(world.client, bundle(actions.join(""))));
    assert.deepEqual(
      responses.map(({ name }) => name),
      ["FaultResponse", "FaultResponse", "ActionResponse", "FaultResponse"],
    );
    const [nowhere, unknown, , refused] = responses.map(({ texts }) => texts);
    assert.deepEqual(nowhere?.slice(0, 4), ["NOT OK", "401", "VALIDATION_ERROR", "DOMAIN_SMART_METERING"]);
    assert.deepEqual(unknown?.slice(0, 4), ["NOT OK", "201", "UNKNOWN_DEVICE", "DOMAIN_CORE"]);
    assert.match(refused?.[1] ?? "", /^Error handling request with SynchronizeTime: .*OTHER_REASON/);
    assert.deepEqual(unknown?.slice(-2), ["deviceIdentification", "TESTG000000000000"]);
  });

  it("reaches its meter and the M-Bus device that an action names with as many connections as one action", async () => {
    const [meter, gas] = ["TEST1027000000001", "TESTG102700000001"];
    let connections = 0;
    const counter = { name: "counts", accept: () => void connections++ };
    world.meter(meter).behaviours.add(counter);
    const connectionsFor = async (actions: string) => {
      connections = 0;
      const responses = responsesIn(await run(world.client, bundle(actions, meter)));
      return { connections, responses: responses.map(({ name, texts }) => `${name} ${texts[0]}`) };
    };
    try {
      const ofGas = `<bundle:GetFirmwareVersionGasRequest><conf:DeviceIdentification>${gas}</conf:DeviceIdentification></bundle:GetFirmwareVersionGasRequest>`;
      const [version, status] = ["<bundle:GetFirmwareVersionRequest/>", "<bundle:GetAdministrativeStatusRequest/>"];
      await connectionsFor(version);
      const one = await connectionsFor(version);
      assert.deepEqual(await connectionsFor(version + ofGas + status), {
        connections: one.connections,
        responses: [
          "GetFirmwareVersionResponse OK",
          "GetFirmwareVersionGasResponse OK",
          "AdministrativeStatusResponse OK",
        ],
      });
    } finally {
      world.meter(meter).behaviours.remove(counter);
    }
  });
});
