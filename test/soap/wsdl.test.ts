import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { XmlDocument, type XmlElement } from "libxml2-wasm";
import * as soap from "soap";
import { XSD_FOLDER } from "../../src/contract/schema.ts";
import { SERVICES } from "../../src/soap/routes.ts";
import { ADHOC, COMMON, CONFIGURATION, DEVICE, NS, SoapServer } from "./harness.ts";

const PREFIXES = {
  xsd: "http://www.w3.org/2001/XMLSchema",
  wsdl: "http://schemas.xmlsoap.org/wsdl/",
  soap: "http://schemas.xmlsoap.org/wsdl/soap/",
};

/** Values of the attribute at every node that `path` finds. */
function attributes(text: string, path: string, name: string): string[] {
  const document = XmlDocument.fromString(text);
  try {
    return document.find(path, PREFIXES).map((node) => (node as XmlElement).attr(name)?.value ?? "");
  } finally {
    document.dispose();
  }
}

describe("the served contract", () => {
  let server: SoapServer;
  before(async () => {
    server = await SoapServer.start();
  });
  after(() => server.stop());

  /** Fetches a document that a link points to; the link must lead to this very server. */
  async function follow(url: string): Promise<string> {
    assert.ok(url.startsWith(`${server.url}/`), url);
    const answer = await server.get(url.slice(server.url.length));
    assert.equal(answer.status, 200, url);
    assert.equal(answer.headers["content-type"], "text/xml; charset=utf-8");
    return answer.text;
  }

  for (const path of [CONFIGURATION, ADHOC, COMMON]) {
    it(`has only links that resolve, for ${path}?wsdl`, async () => {
      for (const asked of [`${path}?wsdl`, `${path.slice(0, -1)}?WSDL`]) {
        const text = await follow(server.url + asked);
        assert.deepEqual(attributes(text, "//soap:address", "location"), [server.url + path]);
        const pending = attributes(text, "//xsd:import", "schemaLocation");
        assert.equal(pending.length, 2);
        const seen = new Set<string>();
        for (let url = pending.pop(); url; url = pending.pop()) {
          if (seen.has(url)) continue;
          seen.add(url);
          const schema = await follow(url);
          for (const link of attributes(schema, "//xsd:import", "schemaLocation"))
            pending.push(new URL(link, url).href);
        }
        assert.equal(seen.size, 2);
      }
    });

    it(`has everything in one document, for ${path}?singlewsdl`, async () => {
      const text = await follow(`${server.url}${path}?singlewsdl`);
      assert.deepEqual(attributes(text, "//xsd:import[@schemaLocation]", "schemaLocation"), []);
      const inside = attributes(text, "/wsdl:definitions/wsdl:types/xsd:schema", "targetNamespace");
      for (const needed of attributes(text, "//xsd:import", "namespace")) assert.ok(inside.includes(needed), needed);
      assert.deepEqual(inside.length, 2);
    });
  }

  it("serves the schemas as they are in the package", async () => {
    const text = await follow(`${server.url}/osgp-adapter-ws-smartmetering/smartMetering/xsd/common.xsd`);
    assert.equal(text, readFileSync(new URL("common.xsd", XSD_FOLDER), "utf8"));
    assert.equal(
      (await server.get("/osgp-adapter-ws-smartmetering/smartMetering/xsd/..%2f..%2fpackage.json")).status,
      404,
    );
  });

  it("serves WSDL and schemas where the public platform has them, beside each service and beside them all", async () => {
    for (const { path, wsdl } of SERVICES) {
      const parent = path.replace(/[^/]+\/$/, "");
      const served = await follow(`${server.url}${path}?wsdl`);
      for (const folder of [path, parent, path.replace("/osgp-adapter-ws-smartmetering", "")]) {
        assert.equal(await follow(`${server.url}${folder}${wsdl}`), served);
      }
      for (const folder of [path, parent]) {
        const schema = await follow(`${server.url}${folder}schemas/common.xsd`);
        assert.equal(schema, readFileSync(new URL("common.xsd", XSD_FOLDER), "utf8"));
      }
    }
    assert.equal((await server.send("POST", `${CONFIGURATION}schemas/common.xsd`, "x")).status, 405);
  });

  it("has what describes the service that callers offer, which is called and takes no message", async () => {
    const path = "/osgp-adapter-ws-smartmetering/smartMetering/notificationService/";
    const text = await follow(`${server.url}${path}?wsdl`);
    assert.equal(await follow(`${server.url}/smartMetering/notificationService/SmartMeteringNotification.wsdl`), text);
    // Its address is a matter of whoever offers it.
    assert.doesNotMatch(attributes(text, "//soap:address", "location").join(), new RegExp(server.url));
    for (const link of attributes(text, "//xsd:import", "schemaLocation")) await follow(link);
    const client = await soap.createClientAsync(`${server.url}${path}?wsdl`);
    assert.deepEqual(
      Object.keys(client).filter((name) => /^SendNotification$/.test(name)),
      ["SendNotification"],
    );
    assert.match((await server.get(path)).text, /^SmartMeteringNotification is a service of callers/);
    const posted = await server.send("POST", path, "<x/>");
    assert.deepEqual([posted.status, posted.headers.allow], [405, "GET, HEAD"]);
  });

  it("says of other paths where the services are", async () => {
    const other = await server.get("/x");
    assert.equal(other.status, 404);
    assert.match(other.text, /^Nothing is here\. The SOAP services are at\n\/\w+/);
  });

  it("never takes its address from the Host header", async () => {
    const { text } = await server.send("GET", `${CONFIGURATION}?wsdl`, undefined, { host: "evil.example" });
    assert.doesNotMatch(text, /evil\.example/);
  });

  it("shows the public address with its path when there is one", async () => {
    const behind = await SoapServer.start({ publicUrl: () => "https://erp-gw.example/meters/" });
    const { text } = await behind.get(`${CONFIGURATION}?wsdl`);
    await behind.stop();
    assert.deepEqual(attributes(text, "//soap:address", "location"), [`https://erp-gw.example/meters${CONFIGURATION}`]);
    assert.match(
      attributes(text, "//xsd:import", "schemaLocation")[0] ?? "",
      /^https:\/\/erp-gw\.example\/meters\/osgp.*\/xsd\/common\.xsd$/,
    );
  });

  it("shows no stack trace when it cannot be served", async () => {
    const broken = await SoapServer.start({
      publicUrl: () => {
        throw new TypeError("not listening yet");
      },
    });
    const answer = await broken.get(`${CONFIGURATION}?wsdl`);
    await broken.stop();
    assert.deepEqual([answer.status, answer.text], [500, "Internal error\n"]);
    assert.equal(broken.ports.errors.length, 1);
  });

  it("says where to look when a service is asked for without a query", async () => {
    const answer = await server.get(CONFIGURATION);
    assert.deepEqual([answer.status, answer.headers["content-type"]], [200, "text/plain; charset=utf-8"]);
    assert.match(answer.text, /\?wsdl/);
    assert.equal((await server.send("HEAD", `${CONFIGURATION}?wsdl`)).text, "");
  });

  it("offers a route for every operation of every service", async () => {
    for (const service of SERVICES) {
      const names = attributes(
        await follow(`${server.url}${service.path}?wsdl`),
        "//wsdl:portType/wsdl:operation",
        "name",
      );
      assert.deepEqual(
        names,
        service.operations.map(({ name }) => name),
      );
    }
  });
});

describe("a client that node-soap made from the served WSDL", () => {
  let server: SoapServer;
  let client: soap.Client;
  before(async () => {
    server = await SoapServer.start();
    client = await soap.createClientAsync(`${server.url}${CONFIGURATION}?wsdl`);
    for (const [name, value] of [
      ["ApplicationName", "ERP"],
      ["OrganisationIdentification", "test-org"],
      ["UserName", "node"],
    ]) {
      client.addSoapHeader({ [`c:${name}`]: value }, "", "c", NS.common);
    }
  });
  after(() => server.stop());

  it("asks for a firmware version and fetches it", async () => {
    const [asked] = await client.GetFirmwareVersionAsync({ DeviceIdentification: DEVICE });
    assert.equal(asked.DeviceIdentification, DEVICE);
    server.ports.outcomes.set(asked.CorrelationUid, {
      actions: [{ ok: true, result: { versions: [{ module: "ACTIVE_FIRMWARE", version: "1.2.3" }] } }],
    });
    const [result] = await client.GetGetFirmwareVersionResponseAsync(asked);
    assert.deepEqual(result, {
      Result: "OK",
      FirmwareVersion: [{ Version: "1.2.3", FirmwareModuleType: "ACTIVE_FIRMWARE" }],
    });
  });

  it("sets special days", async () => {
    const [asked] = await client.SetSpecialDaysAsync({
      DeviceIdentification: DEVICE,
      SpecialDaysRequestData: {
        SpecialDays: [
          { specialDayDate: "FFFF0C19FF", dayId: 1 },
          { specialDayDate: "07EB041BFF", dayId: 2 },
        ],
      },
    });
    assert.equal(asked.DeviceIdentification, DEVICE);
    assert.deepEqual(server.ports.accepted.at(-1)?.actions, [
      {
        operation: "SetSpecialDays",
        request: {
          specialDays: [
            { date: "FFFF0C19FF", dayId: 1 },
            { date: "07EB041BFF", dayId: 2 },
          ],
        },
      },
    ]);
  });

  it("gets a typed fault for a correlation UID that is not known", async () => {
    const fetch = client.GetGetFirmwareVersionResponseAsync({
      DeviceIdentification: DEVICE,
      CorrelationUid: "x".repeat(20),
    });
    await assert.rejects(fetch, (error: { root: { Envelope: { Body: { Fault: Record<string, unknown> } } } }) => {
      const fault = error.root.Envelope.Body.Fault as {
        faultstring: string;
        detail: { FunctionalFault: { Code: number } };
      };
      assert.equal(fault.faultstring, "CorrelationUid is unknown.");
      assert.equal(Number(fault.detail.FunctionalFault.Code), 405);
      return true;
    });
  });
});
