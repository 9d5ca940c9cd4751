import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { type Instant, nextTurn } from "../../../src/lib/clock.ts";
import { sha256Hex } from "../../../src/lib/sha256.ts";
import type { Misbehaviour } from "../../../src/simulators/smart-energy/misbehaviour.ts";
import { run, sample } from "../../e2e/harness.ts";
import { GATEWAY, SmartEnergyWorld } from "./world.ts";

describe("UpdateFirmware of a gateway of Smart Energy", () => {
  let world: SmartEnergyWorld;
  before(async () => {
    world = await SmartEnergyWorld.start({ METERGATE_RETRY_DELAY_MS: "10", METERGATE_MAX_RETRIES: "3" });
    await world.import({ model: "X2E" });
    const { firmware } = world.world.service.store;
    for (const level of ["2.18.0", "2.19.0", "2.20.0"]) {
      const image = Buffer.from(`${level}\nimage`);
      const about = { identification: `X2E-${level}`, models: ["X2E"], imageIdentifier: Buffer.from(level) };
      await firmware.put({ ...about, image, sha256: sha256Hex(image) }, 0 as Instant, []);
    }
    const image = Buffer.from("2.21.0\nimage");
    const nameless = { identification: "NAMELESS", models: ["X2E"], image, sha256: sha256Hex(image) };
    await firmware.put(nameless, 0 as Instant, []);
    await firmware.put({ ...nameless, identification: "OTHER", models: ["X4"] }, 0 as Instant, []);
  });
  after(() => world.stop());

  async function update(identification: string, ...wrong: readonly Misbehaviour[]) {
    world.cloud.misbehaviours.add(...wrong);
    world.cloud.exchanges.length = 0;
    const before = world.gateway.executed.get("update_firmware") ?? 0;
    const text = Buffer.from(sample("UpdateFirmware")).toString();
    const document = text
      .replace(/(DeviceIdentification>)[^<]*/, `$1${GATEWAY}`)
      .replace(/(FirmwareIdentification>)[^<]*/, `$1${identification}`);
    const answer = await run(world.client, new Uint8Array(Buffer.from(document)));
    return { answer, given: (world.gateway.executed.get("update_firmware") ?? 0) - before };
  }

  it("gives it the image and waits until it runs, and gives it no image that runs already", async () => {
    const first = await update("X2E-2.18.0");
    assert.equal(leaf(first.answer, "Result"), "OK", first.answer.xml);
    assert.deepEqual([world.gateway.firmware, first.given], ["2.18.0", 1]);
    const again = await update("X2E-2.18.0");
    assert.deepEqual([leaf(again.answer, "Result"), again.given], ["OK", 0]);
  });

  it("gives it the image once when the answer is cut, and finds out that it runs", async () => {
    const { answer, given } = await update("X2E-2.19.0", { kind: "cut-after", on: "update_firmware" });
    assert.equal(leaf(answer, "Result"), "OK", answer.xml);
    assert.deepEqual([world.gateway.firmware, given], ["2.19.0", 1]);
  });

  it("gives it the image when it is there again", async () => {
    world.gateway.isConnected = false;
    const updating = update("X2E-2.20.0");
    while (!world.cloud.exchanges.some((each) => each.startsWith("POST"))) await nextTurn();
    world.gateway.isConnected = true;
    const { answer, given } = await updating;
    assert.equal(leaf(answer, "Result"), "OK", answer.xml);
    assert.deepEqual([world.gateway.firmware, given], ["2.20.0", 1]);
  });

  it("says what is wrong before anything is sent", async () => {
    for (const [identification, code] of [
      ["UNHEARD-OF", "701"],
      ["OTHER", "704"],
      ["NAMELESS", ""],
    ] as const) {
      const { answer, given } = await update(identification);
      assert.equal(given, 0);
      assert.equal(answer.element, "Fault", answer.xml);
      if (code) assert.equal(leaf(answer, "Code"), code, answer.xml);
      else assert.match(answer.xml, /--identifier/);
    }
  });
});
