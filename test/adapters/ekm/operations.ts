import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { EkmVersion, Stream } from "../../../src/adapters/ekm/device.ts";
import { leaf } from "../../../src/cli/erp-client.ts";
import { WIRE_FORMS } from "../../../src/contract/operations/index.ts";
import { sealKey } from "../../../src/devices/platform-keys.ts";
import { GATEWAY, METERS } from "../../../src/simulators/ekm/simulation.ts";
import { result } from "../../e2e/harness.ts";
import { broughtWith } from "../../operations/cases.ts";
import { DECLARATIONS } from "../../operations/services.ts";
import { type EkmWorld, startEkmWorld } from "./world.ts";

const SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
const HEADERS = ["OrganisationIdentification", "UserName", "ApplicationName"]
  .map((name) => `<common:${name}>test-org</common:${name}>`)
  .join("");

function document(operation: string, device: string, content: string): Uint8Array<ArrayBuffer> {
  const [prefix, element] = WIRE_FORMS.get(operation)!.requestElement!.split(":");
  const inside = `<$:DeviceIdentification>${device}</$:DeviceIdentification>${content}`.replaceAll("$", prefix!);
  const body = `<${prefix}:${element}>${inside}</${prefix}:${element}>`;
  const text = `<E:Envelope xmlns:E="${SOAP}" ${DECLARATIONS}><E:Header>${HEADERS}</E:Header><E:Body>${body}</E:Body></E:Envelope>`;
  return new Uint8Array(Buffer.from(text));
}

/** Describes what meters of these versions do with every operation, over the whole service and a simulated cloud. */
export function describeOperations(stream: Stream, versions: readonly EkmVersion[]): void {
  describe(`EKM meters, with answers over ${stream}`, () => {
    let world: EkmWorld;
    before(async () => {
      world = await startEkmWorld({}, { stream });
    });
    after(() => world.stop());
    const seal = (secret: string) => {
      const publicKey = readFileSync(join(world.config.dataDir, "platform-public-key.pem"), "utf8");
      return sealKey(publicKey, Buffer.from(secret));
    };

    for (const [operation, { expected, content, check }] of Object.entries(broughtWith(({ ekm }) => ekm))) {
      for (const [i, { identification, address, version }] of METERS.entries()) {
        if (!versions.includes(version)) continue;
        it(`${version}: ${expected[i] === "yes" ? "does" : "refuses"} ${operation}`, async () => {
          const asked = typeof content === "string" ? content : content(seal);
          const sent = await world.client.send(document(operation, identification, asked));
          if (expected[i] === "416") {
            assert.ok("fault" in sent);
            assert.equal(leaf(sent.fault, "Code"), "416");
            return;
          }
          assert.ok(!("fault" in sent), "fault" in sent ? sent.fault.xml : "");
          const answer = await result(world.client, sent);
          assert.notEqual(answer.element, "Fault", answer.xml);
          check((name) => leaf(answer, name), world.cloud.meter(address));
        });
      }
    }

    it("leave neither key nor password in what the service keeps, or tells operators", () => {
      const { dataDir } = world.config;
      const files = readdirSync(dataDir, { withFileTypes: true }).filter((entry) => entry.isFile());
      const kept = files.map(({ name }) => readFileSync(join(dataDir, name), "latin1"));
      assert.ok(kept.some((text) => text.includes("SetMeterPassword")));
      for (const text of [...kept, ...world.complaints]) {
        assert.ok(!text.includes(GATEWAY.key));
        assert.ok(!text.includes("24681357"));
      }
    });
  });
}
