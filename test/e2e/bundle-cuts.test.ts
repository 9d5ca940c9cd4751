import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { XmlDocument, type XmlElement } from "libxml2-wasm";
import type { Answered } from "../../src/cli/erp-client.ts";
import { NAMESPACES } from "../../src/contract/generated/tables.ts";
import { WIRE_FORMS } from "../../src/contract/operations/index.ts";
import { sealKey } from "../../src/devices/platform-keys.ts";
import type { MethodReference } from "../../src/dlms/apdu.ts";
import { toHex } from "../../src/lib/bytes.ts";
import type { Behaviour } from "../../src/simulators/dlms/behaviour.ts";
import { imageTransfer } from "../../src/simulators/dlms/behaviours.ts";
import { gasMeterKeys } from "../../src/simulators/dlms/mbus-keys.ts";
import type { SimulatedMeter } from "../../src/simulators/dlms/simulated-meter.ts";
import { contentOf, DECLARATIONS, GAS, METER } from "../contract/operations/bundle-contents.ts";
import { OPERATION_CASES } from "../soap/operation-cases.ts";
import { run, type World } from "./harness.ts";
import { VERSIONS } from "./matrix-expectations.ts";
import { startMatrixWorld } from "./matrix-world.ts";

const [IMAGE_TRANSFER, IMAGE_ACTIVATE] = [18, 4];
const READS_EVERYTHING = "GetAllAttributeValues";
/** APDUs between two cuts of a run: more than an association and the longest action of the others take. */
const APART = 24;
const { meter: DEVICE, gasMeter: GAS_METER } = VERSIONS.find(({ version }) => version === "SMR 5.2")!;

/** Name and Result of each response, and the Code of a fault. */
function responsesIn({ xml }: Answered): string[] {
  const document = XmlDocument.fromString(xml);
  try {
    const nodes = document.find("//b:AllResponses/*", { b: NAMESPACES["sm-bundle"] }) as XmlElement[];
    return nodes.map((node) => {
      const leaves = (node.find("*[local-name()='Result' or local-name()='Code']") as XmlElement[]).map(
        ({ content }) => content,
      );
      return [node.name, ...leaves].join(" ");
    });
  } finally {
    document.dispose();
  }
}

/** What moved in a meter, and when it hangs up: after each of those of its APDUs, counted over all connections. */
class Watched implements Behaviour {
  readonly name = "watched";
  readonly #meter: SimulatedMeter;
  /** Values that each key had, one after the other. */
  readonly keys: Readonly<Record<"authentication" | "encryption" | "gas", Set<string>>>;
  readonly #cuts: ReadonlySet<number>;
  apdus = 0;
  activations = 0;

  constructor(meter: SimulatedMeter, cuts: readonly number[]) {
    this.#meter = meter;
    this.#cuts = new Set(cuts);
    this.keys = { authentication: new Set(), encryption: new Set(), gas: new Set() };
    this.#look();
  }

  readonly invoke = ({ classId, method }: MethodReference) => {
    if (classId === IMAGE_TRANSFER && method === IMAGE_ACTIVATE) this.activations += 1;
    return undefined;
  };

  readonly answer = () => {
    this.#look();
    this.apdus += 1;
    return this.#cuts.has(this.apdus) ? "cut" : undefined;
  };

  /** How often each key changed, and the image was activated. */
  moved(): object {
    const { authentication, encryption, gas } = this.keys;
    const changes = [authentication, encryption, gas].map(({ size }) => size - 1);
    return { authentication: changes[0], encryption: changes[1], gas: changes[2], activations: this.activations };
  }

  #look(): void {
    const { authentication, encryptionUnicast } = this.#meter.keys;
    this.keys.authentication.add(toHex(authentication));
    this.keys.encryption.add(toHex(encryptionUnicast));
    const gas = Object.values(gasMeterKeys(this.#meter.meter, 1)).filter((key) => key instanceof Uint8Array);
    this.keys.gas.add(gas.map(toHex).join());
  }
}

describe("a bundle of every kind of action", () => {
  let world: World;
  before(async () => {
    world = await startMatrixWorld({ METERGATE_RETRY_DELAY_MS: "1", METERGATE_MAX_RETRIES: "20" });
    world.meter(DEVICE).behaviours.add(imageTransfer({ blockLoss: 0, activationMs: 0 }));
  });
  after(() => world.stop());

  const freshKeys = () => {
    const platformKey = readFileSync(join(world.config.dataDir, "platform-public-key.pem"), "utf8");
    const sealed = () => sealKey(platformKey, crypto.getRandomValues(new Uint8Array(16)));
    return `<s:AuthenticationKey>${sealed()}</s:AuthenticationKey><s:EncryptionKey>${sealed()}</s:EncryptionKey>`;
  };
  const elementOf = (one: (typeof OPERATION_CASES)[number]) => {
    const element = WIRE_FORMS.get(one.operation)?.bundle?.request;
    if (one.operation === "ReplaceKeys") return `<b:${element}>${freshKeys()}</b:${element}>`;
    const content = contentOf(one)
      .replaceAll(GAS, GAS_METER)
      .replaceAll(METER, DEVICE)
      .replace("TEST_FW_V1", "MATRIX_1_0")
      // A user key each, of the gas meter that there is.
      .replace("G_METER_OPTICAL_PORT_KEY", "G_METER_ENCRYPTION_KEY")
      .replace(/<s:CloseOpticalPort>.*<\/s:CloseOpticalPort>/, "");
    if (one.operation === "SetMbusUserKeyByChannel") return `<b:${element}><s:Channel>1</s:Channel></b:${element}>`;
    return `<b:${element}>${content}</b:${element}>`;
  };
  const bundleOf = (cases: typeof OPERATION_CASES) =>
    new Uint8Array(
      Buffer.from(
        `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" ${DECLARATIONS}><e:Header>` +
          "<c:OrganisationIdentification>test-org</c:OrganisationIdentification><c:UserName>demo</c:UserName>" +
          "<c:ApplicationName>ERP</c:ApplicationName></e:Header><e:Body><b:BundleRequest>" +
          `<b:DeviceIdentification>${DEVICE}</b:DeviceIdentification><b:Actions>${cases.map(elementOf).join("")}` +
          "</b:Actions></b:BundleRequest></e:Body></e:Envelope>",
      ),
    );
  const KINDS = OPERATION_CASES.filter(({ operation }) => WIRE_FORMS.get(operation)?.bundle);

  /** Runs a bundle on a meter that hangs up after some of its APDUs. */
  async function cutAt(cases: typeof OPERATION_CASES, cuts: readonly number[]) {
    const meter = world.meter(DEVICE);
    const watched = new Watched(meter, cuts);
    meter.behaviours.add(watched);
    try {
      const responses = responsesIn(await run(world.client, bundleOf(cases)));
      return { responses, moved: watched.moved(), apdus: watched.apdus };
    } finally {
      meter.behaviours.remove(watched);
    }
  }

  it("answers each once and moves nothing twice, after whichever of its APDUs the meter hangs up", async function () {
    this.timeout(300_000);
    assert.ok(KINDS.length > 40, `${KINDS.length} kinds`);
    const short = KINDS.filter(({ operation }) => operation !== READS_EVERYTHING);
    const whole = await cutAt(short, []);
    assert.equal(whole.responses.length, short.length);
    assert.ok(
      whole.responses.filter((response) => response.endsWith(" OK") && !response.includes("Fault")).length > 35,
    );
    assert.deepEqual(whole.moved, { authentication: 2, encryption: 2, gas: 2, activations: 1 });
    // Several cuts in one run, with the APDUs of the longest action between them.
    const runs = Math.min(APART, whole.apdus);
    for (let first = 1; first <= runs; first++) {
      const cuts = Array.from({ length: 9 }, (_, i) => first + i * APART);
      const { responses, moved, apdus } = await cutAt(short, cuts);
      assert.deepEqual({ responses, moved }, { responses: whole.responses, moved: whole.moved }, `cut after ${cuts}`);
      assert.ok(apdus < cuts.at(-1)!, "the bundle is longer than the cuts reach");
    }
  });

  it("answers also what takes hundreds of APDUs, when it is cut in the middle", async function () {
    this.timeout(120_000);
    const cases = KINDS.filter(({ operation }) => [READS_EVERYTHING, "ReplaceKeys"].includes(operation));
    const { responses, moved } = await cutAt(cases, [200]);
    assert.deepEqual(responses.toSorted(), ["ActionResponse OK", "GetAllAttributeValuesResponse OK"]);
    assert.deepEqual(moved, { authentication: 1, encryption: 1, gas: 0, activations: 0 });
  });
});
