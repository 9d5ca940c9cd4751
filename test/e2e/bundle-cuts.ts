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
import { HurriedClock, run, type World } from "./harness.ts";
import { VERSIONS } from "./matrix-expectations.ts";
import { startMatrixWorld } from "./matrix-world.ts";

const [IMAGE_TRANSFER, IMAGE_ACTIVATE] = [18, 4];
const READS_EVERYTHING = "GetAllAttributeValues";
/** APDUs between two cuts of a run: more than an association and the longest action of the others take. */
export const APART = 24;
type Case = (typeof OPERATION_CASES)[number];
const KINDS = OPERATION_CASES.filter(({ operation }) => WIRE_FORMS.get(operation)?.bundle);
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

/** A bundle of every kind of action that there is, and a meter to run it on. */
export class BundleOfAllKinds {
  readonly #world: World;
  /** Without what takes hundreds of APDUs. */
  readonly short = KINDS.filter(({ operation }) => operation !== READS_EVERYTHING);
  readonly long = KINDS.filter(({ operation }) => [READS_EVERYTHING, "ReplaceKeys"].includes(operation));

  private constructor(world: World) {
    this.#world = world;
  }

  static async open(): Promise<BundleOfAllKinds> {
    const settings = { METERGATE_RETRY_DELAY_MS: "1", METERGATE_MAX_RETRIES: "20" };
    const world = await startMatrixWorld(settings, { clock: new HurriedClock() });
    world.meter(DEVICE).behaviours.add(imageTransfer({ blockLoss: 0, activationMs: 0 }));
    return new BundleOfAllKinds(world);
  }

  close(): Promise<void> {
    return this.#world.stop();
  }

  #freshKeys(): string {
    const platformKey = readFileSync(join(this.#world.config.dataDir, "platform-public-key.pem"), "utf8");
    const sealed = () => sealKey(platformKey, crypto.getRandomValues(new Uint8Array(16)));
    return `<s:AuthenticationKey>${sealed()}</s:AuthenticationKey><s:EncryptionKey>${sealed()}</s:EncryptionKey>`;
  }

  #elementOf(one: Case): string {
    const element = WIRE_FORMS.get(one.operation)?.bundle?.request;
    if (one.operation === "ReplaceKeys") return `<b:${element}>${this.#freshKeys()}</b:${element}>`;
    const content = contentOf(one)
      .replaceAll(GAS, GAS_METER)
      .replaceAll(METER, DEVICE)
      .replace("TEST_FW_V1", "MATRIX_1_0")
      // A user key each, of the gas meter that there is.
      .replace("G_METER_OPTICAL_PORT_KEY", "G_METER_ENCRYPTION_KEY")
      .replace(/<s:CloseOpticalPort>.*<\/s:CloseOpticalPort>/, "");
    if (one.operation === "SetMbusUserKeyByChannel") return `<b:${element}><s:Channel>1</s:Channel></b:${element}>`;
    return `<b:${element}>${content}</b:${element}>`;
  }

  #documentOf(cases: readonly Case[]): Uint8Array<ArrayBuffer> {
    const actions = cases.map((one) => this.#elementOf(one)).join("");
    return new Uint8Array(
      Buffer.from(
        `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" ${DECLARATIONS}><e:Header>` +
          "<c:OrganisationIdentification>test-org</c:OrganisationIdentification><c:UserName>demo</c:UserName>" +
          "<c:ApplicationName>ERP</c:ApplicationName></e:Header><e:Body><b:BundleRequest>" +
          `<b:DeviceIdentification>${DEVICE}</b:DeviceIdentification><b:Actions>${actions}` +
          "</b:Actions></b:BundleRequest></e:Body></e:Envelope>",
      ),
    );
  }

  /** Runs it on a meter that hangs up after some of its APDUs. */
  async cutAt(cases: readonly Case[], cuts: readonly number[]) {
    const meter = this.#world.meter(DEVICE);
    const watched = new Watched(meter, cuts);
    meter.behaviours.add(watched);
    try {
      const responses = responsesIn(await run(this.#world.client, this.#documentOf(cases)));
      return { responses, moved: watched.moved(), apdus: watched.apdus };
    } finally {
      meter.behaviours.remove(watched);
    }
  }

  /** Runs it uncut, and says what must come of it however it is cut. */
  async whole() {
    assert.ok(KINDS.length > 40, `${KINDS.length} kinds`);
    const whole = await this.cutAt(this.short, []);
    assert.equal(whole.responses.length, this.short.length);
    assert.ok(
      whole.responses.filter((response) => response.endsWith(" OK") && !response.includes("Fault")).length > 35,
    );
    assert.deepEqual(whole.moved, { authentication: 2, encryption: 2, gas: 2, activations: 1 });
    return whole;
  }

  /**
   * Cuts it after the APDU with that number and after each further one that is `APART` from the one before, so that the
   * longest action has room between two cuts; what comes of it must be what came of the whole one.
   */
  async requireSameWhenCut(first: number, { responses, moved }: { responses: string[]; moved: object }): Promise<void> {
    const cuts = Array.from({ length: 9 }, (_, i) => first + i * APART);
    const { apdus, ...cut } = await this.cutAt(this.short, cuts);
    assert.deepEqual(cut, { responses, moved }, `cut after ${cuts}`);
    assert.ok(apdus < cuts.at(-1)!, "the bundle is longer than the cuts reach");
  }
}
