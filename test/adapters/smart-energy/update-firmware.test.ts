import assert from "node:assert/strict";
import type { Note, OperationContext } from "../../../src/adapters/smart-energy/execution.ts";
import { updateFirmwareExecution } from "../../../src/adapters/smart-energy/operations/update-firmware.ts";
import { leaf } from "../../../src/cli/erp-client.ts";
import { type Instant, ManualClock, nextTurn } from "../../../src/lib/clock.ts";
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

describe("UpdateFirmware in a later run, of an image that may have been handed over", () => {
  /** A run after one that noted this, on a gateway that runs this. */
  function laterRun(note: Partial<Note>, level: string) {
    const notes: Note[] = [];
    const sent: string[] = [];
    const image = Buffer.from("image");
    const client = {
      get: async () =>
        `<result><DeviceCore><devConnectwareId>ID</devConnectwareId><dpFirmwareLevelDesc>${level}</dpFirmwareLevelDesc></DeviceCore></result>`,
      updateFirmware: async () => {
        sent.push("image");
        return { devices: [{ deviceId: "ID", elements: [], remaining: 0, isBuffer: false }] };
      },
    };
    const context = {
      ...{ client, clock: new ManualClock(0), gateway: async () => ({ account: {}, deviceId: "ID" }) },
      target: { identification: GATEWAY, model: "X2E" },
      firmware: {
        find: async () => ({ image, sha256: sha256Hex(image), models: ["X2E"], imageIdentifier: Buffer.from("2.0\n") }),
      },
      noted: async () => ({ sentMs: 0, ...note }),
      note: async (each: Note) => void notes.push(each),
    } as unknown as OperationContext;
    return { notes, sent, run: () => updateFirmwareExecution.run(context, { firmwareIdentification: "2.0" }) };
  }

  it("looks again, later each time, and hands nothing over", async () => {
    const { notes, sent, run } = laterRun({ isTaken: true, looks: 3 }, "1.0");
    await assert.rejects(run(), { code: "SNOOZE", delayMs: 8_000 });
    assert.deepEqual([notes, sent], [[{ sentMs: 0, isTaken: true, looks: 4 }], []]);
    await assert.rejects(laterRun({ looks: 20 }, "1.0").run(), { code: "SNOOZE", delayMs: 30_000 });
  });

  it("is done when the gateway runs it", async () => {
    const { sent, run } = laterRun({ looks: 7 }, "2.0");
    assert.deepEqual([await run(), sent], [{}, []]);
  });

  it("hands it over when it was certainly not", async () => {
    const { sent, run } = laterRun({ isUnsent: true }, "1.0");
    await assert.rejects(run(), { code: "SNOOZE" });
    assert.deepEqual(sent, ["image"]);
  });

  it("ends as unknown after a quarter of an hour when nobody knows whether it was, and after an hour when it was", async () => {
    const patience = laterRun({ looks: 30 }, "1.0");
    await assert.rejects(patience.run(), { code: "OUTCOME_UNKNOWN", message: /not known whether.*not sent again/ });
    await assert.rejects(laterRun({ isTaken: true, looks: 30 }, "1.0").run(), { code: "SNOOZE" });
    const taken = laterRun({ isTaken: true, looks: 120 }, "1.0");
    await assert.rejects(taken.run(), { code: "OUTCOME_UNKNOWN", message: /took the image.*not sent again/ });
    assert.deepEqual([...patience.sent, ...taken.sent], []);
  });
});
