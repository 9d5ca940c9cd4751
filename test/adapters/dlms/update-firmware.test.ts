import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { OperationContext } from "../../../src/adapters/dlms/execution.ts";
import { updateFirmwareExecution } from "../../../src/adapters/dlms/operations/update-firmware.ts";
import type { FirmwareStore } from "../../../src/adapters/dlms/ports.ts";
import { findProfile } from "../../../src/adapters/dlms/profiles/index.ts";
import type { MeterSession } from "../../../src/adapters/dlms/session.ts";
import type { AttributeReference, MethodReference } from "../../../src/dlms/apdu.ts";
import { type CosemData, cosem } from "../../../src/dlms/data.ts";
import { MetergateError } from "../../../src/domain/errors.ts";
import type { FirmwareImage, FirmwareTransfer } from "../../../src/domain/firmware.ts";
import { equalBytes } from "../../../src/lib/bytes.ts";
import type { Clock, Elapsed, Instant } from "../../../src/lib/clock.ts";
import type { Behaviour } from "../../../src/simulators/dlms/behaviour.ts";
import {
  IMAGE_STATUS,
  IMAGE_TRANSFER_STATE,
  type ImageTransfer,
  receivedImage,
} from "../../../src/simulators/dlms/classes/image-transfer.ts";
import type { Meter } from "../../../src/simulators/dlms/meter.ts";
import { createMeter } from "../../../src/simulators/dlms/meter-options.ts";
import { testDevice } from "./devices.ts";

/** Waits take no time: whoever waits is called back at once, and the clock has moved on by then. */
class SkippingClock implements Clock {
  nowMs = Date.UTC(2026, 0, 1);
  now() {
    return this.nowMs as Instant;
  }
  elapsed() {
    return this.nowMs as Elapsed;
  }
  after(delayMs: number, callback: () => void) {
    const pending = setImmediate(() => {
      this.nowMs += delayMs;
      callback();
    });
    return () => clearImmediate(pending);
  }
}

class MemoryFirmware implements FirmwareStore {
  readonly images: FirmwareImage[];
  begun: FirmwareTransfer | undefined;
  constructor(image: FirmwareImage) {
    this.images = [image];
  }
  async find(identification: string) {
    return this.images.find((image) => image.identification === identification);
  }
  async transfer() {
    return this.begun;
  }
  async saveTransfer(transfer: FirmwareTransfer) {
    this.begun = transfer;
  }
  async endTransfer() {
    this.begun = undefined;
  }
}

const lost = () => new MetergateError("SOCKET_CLOSED_BY_REMOTE", "cut");
const LOST = { code: "SOCKET_CLOSED_BY_REMOTE" };

/** A conversation with a meter that is cut once, at a given call: before or after the meter has done what was asked. */
class CutSession {
  readonly #meter: Meter;
  calls = 0;
  #cut: { at: number; when: "before" | "after" } | undefined;
  constructor(meter: Meter, cut?: { at: number; when: "before" | "after" }) {
    this.#meter = meter;
    this.#cut = cut;
  }
  #call<T>(run: () => T): T {
    this.calls++;
    const isCut = this.calls === this.#cut?.at;
    if (isCut && this.#cut?.when === "before") throw lost();
    const result = run();
    if (isCut) throw lost();
    return result;
  }
  async get(reference: AttributeReference): Promise<CosemData> {
    const result = this.#call(() => this.#meter.get(reference));
    if ("data" in result) return result.data;
    throw new MetergateError("ERROR_RETRIEVING_ATTRIBUTE_VALUE", result.error);
  }
  async set(reference: AttributeReference, value: CosemData) {
    return this.#call(() => this.#meter.set(reference, value, "all"));
  }
  async action(reference: MethodReference, parameters?: CosemData) {
    return this.#call(() => this.#meter.invoke(reference, parameters, "all"));
  }
}

function imageOf(size: number, name = "IMAGE"): FirmwareImage {
  const image = Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff);
  const sha256 = createHash("sha256").update(image).digest("hex");
  return { identification: "FW-1", image, sha256, imageIdentifier: Buffer.from(name), models: ["SIM-1"] };
}

function world(firmware: FirmwareImage, ...behaviours: Behaviour[]) {
  const clock = new SkippingClock();
  const meter = createMeter({ clock, profile: "smr5.0.0" });
  meter.behaviours.add(...behaviours);
  const store = new MemoryFirmware(firmware);
  const target = { ...testDevice({ protocol: "SMR 5.0.0" }), model: "SIM-1" };
  const progress: number[] = [];
  const run = async (session = new CutSession(meter), overrides: Partial<OperationContext> = {}, firmware = "FW-1") => {
    const context = {
      meter: session as unknown as MeterSession,
      profile: findProfile(target.protocol),
      device: target,
      target,
      clock,
      firmware: store,
      progress: (done: number) => void progress.push(done),
      ...overrides,
    } as OperationContext;
    await updateFirmwareExecution.run(context, { firmwareIdentification: firmware });
  };
  return { meter, store, run, progress, target };
}

const blockLoss = (probability: number): Behaviour => ({ name: "loss", image: { blockLoss: probability } });
const has = (meter: Meter, { image }: FirmwareImage) => equalBytes(receivedImage(meter), image);

describe("UpdateFirmware", () => {
  it("brings an image of 1 MB through a loss of 3 % of the blocks and a cut in the middle", async () => {
    const firmware = imageOf(1024 * 1024);
    const { meter, store, run } = world(firmware, blockLoss(0.03));
    await assert.rejects(run(new CutSession(meter, { at: 2_500, when: "after" })), LOST);
    assert.ok((store.begun?.blocksDone ?? 0) > 2_400);
    const second = new CutSession(meter);
    await run(second);
    assert.ok(has(meter, firmware));
    // 4,855 blocks in all; each lost one costs two calls more.
    assert.ok(second.calls < 3_000, `${second.calls} calls: what was sent before is not sent again`);
    assert.equal(store.begun, undefined);
  });

  it("ends with the image active wherever the connection is cut, before or after the meter acted", async () => {
    const firmware = imageOf(1_000);
    const whole = world(firmware, blockLoss(0));
    const uncut = new CutSession(whole.meter);
    await whole.run(uncut);
    for (let at = 1; at <= uncut.calls; at++) {
      for (const when of ["before", "after"] as const) {
        const { meter, store, run } = world(firmware, blockLoss(0));
        await assert.rejects(run(new CutSession(meter, { at, when })), /cut/);
        await run();
        assert.ok(has(meter, firmware), `cut ${when} call ${at}`);
        assert.equal(store.begun, undefined);
      }
    }
  });

  it("does not send the image again when only the answer to the activation was lost", async () => {
    const { meter, run } = world(imageOf(1_000), blockLoss(0), { name: "at once", image: { activationMs: 0 } });
    const uncut = new CutSession(meter);
    await run(uncut);
    const other = world(imageOf(1_000), blockLoss(0), { name: "at once", image: { activationMs: 0 } });
    await assert.rejects(other.run(new CutSession(other.meter, { at: uncut.calls, when: "after" })), LOST);
    const again = new CutSession(other.meter);
    await other.run(again);
    assert.equal(again.calls, 1, "one look at the status is enough");
  });

  it("starts over with another image than the one that was begun", async () => {
    const { meter, store, run } = world(imageOf(1_000), blockLoss(0));
    store.begun = { device: "x", target: "x", sha256: "00", blocksDone: 3, blocksTotal: 5, updatedMs: 0 };
    await run();
    assert.ok(has(meter, imageOf(1_000)));
  });

  it("never goes on in the transfer of another image, wherever that one was cut", async () => {
    const [first, second] = [imageOf(1_000), { ...imageOf(1_200, "OTHER"), identification: "FW-2" }];
    for (let at = 1; at <= 12; at++) {
      const { meter, store, run } = world(first, blockLoss(0));
      store.images.push(second);
      await assert.rejects(run(new CutSession(meter, { at: 8, when: "after" })), /cut/);
      await assert.rejects(run(new CutSession(meter, { at, when: "after" }), {}, "FW-2"), /cut/);
      await run();
      assert.ok(has(meter, first), `the second image was cut after call ${at}`);
      assert.deepEqual(meter.state(IMAGE_TRANSFER_STATE).identifier, Buffer.from("IMAGE"));
    }
  });

  for (const [what, change] of [
    ["failed to activate it", (image) => (image.status = IMAGE_STATUS.activationFailed)],
    ["holds another one by now", (image) => (image.identifier = Buffer.from("OTHER"))],
  ] as [string, (image: ImageTransfer) => void][]) {
    it(`starts over with an image that was begun when the meter ${what}`, async () => {
      const firmware = imageOf(1_000);
      const { meter, store, run } = world(firmware, blockLoss(0));
      await assert.rejects(run(new CutSession(meter, { at: 13, when: "before" })), /cut/);
      const image = meter.state(IMAGE_TRANSFER_STATE);
      assert.equal(image.status, IMAGE_STATUS.verificationSuccessful);
      image.blocks.set(1, new Uint8Array(1));
      change(image);
      await run();
      assert.ok(has(meter, firmware));
      assert.equal(store.begun, undefined);
    });
  }

  it("gives up on a meter that misses now one block and now another", async () => {
    const { meter, run } = world(imageOf(1_000), blockLoss(0));
    const session = new CutSession(meter);
    let asked = 0;
    const wavering = {
      get: async (reference: AttributeReference) =>
        reference.attribute === 4 ? cosem.doubleLongUnsigned(asked++ % 2) : session.get(reference),
      set: session.set.bind(session),
      action: session.action.bind(session),
    };
    await assert.rejects(run(wavering as unknown as CutSession), /Block [01] of 5 does not arrive/);
  });

  it("asks again to verify as long as the meter says that it has not", async () => {
    const { meter, run } = world(imageOf(1_000), blockLoss(0));
    const session = new CutSession(meter);
    let asked = 0;
    const busy = {
      get: async (reference: AttributeReference) =>
        reference.attribute === 6 && asked > 0 && asked < 3 ? cosem.enum(2) : session.get(reference),
      set: session.set.bind(session),
      action: async (reference: MethodReference, parameters?: CosemData) =>
        reference.method === 3 && ++asked < 3
          ? { result: "temporary-failure" as const }
          : session.action(reference, parameters),
    };
    await run(busy as unknown as CutSession);
    assert.equal(asked, 3);
    assert.ok(has(meter, imageOf(1_000)));
  });

  it("does not wait on for a meter when the run is aborted", async () => {
    const { meter, run } = world(imageOf(1_000), blockLoss(0));
    const controller = new AbortController();
    const session = new CutSession(meter);
    const wait = () => {
      queueMicrotask(() => controller.abort());
      return () => {};
    };
    const aborted = {
      signal: controller.signal,
      get: async (reference: AttributeReference) => {
        if (controller.signal.aborted) throw lost();
        return session.get(reference);
      },
      set: session.set.bind(session),
      action: session.action.bind(session),
    };
    const clock = { now: () => 0 as Instant, elapsed: () => 0 as Elapsed, after: wait };
    await assert.rejects(run(aborted as unknown as CutSession, { clock }), /cut/);
  });

  it("gives up on a block that never arrives", async () => {
    const { run } = world(imageOf(1_000), blockLoss(1));
    await assert.rejects(run(), /Block 0 of 5 does not arrive/);
  });

  it("says when the meter finds the image corrupt", async () => {
    const { run } = world(imageOf(1_000, "IMAGE.corrupt"), blockLoss(0));
    await assert.rejects(run(), /could not be verified/);
  });

  const refusals: [string, RegExp, (parts: ReturnType<typeof world>) => Promise<void>][] = [
    [
      "a device without a model",
      /no device model/,
      ({ run, target }) => run(undefined, { target: { ...target, model: undefined } }),
    ],
    [
      "another device model",
      /DeviceModel OTHER of smartmeter .* is not in list of devicemodels supported by firmware file FW-1 : \[.+\]$/,
      ({ run, target }) => run(undefined, { target: { ...target, model: "OTHER" } }),
    ],
    [
      "an image for an M-Bus device",
      /not for M-Bus devices/,
      ({ run, target }) =>
        run(undefined, {
          target: {
            ...target,
            ...{
              mbus: { identificationNumber: "12345678", manufacturerIdentification: "LGB", version: 80, deviceType: 3 },
            },
          },
        }),
    ],
  ];
  for (const [what, reason, run] of refusals) {
    it(`is refused for ${what} before the meter is connected to`, async () => {
      const parts = world(imageOf(100));
      await assert.rejects(run(parts), reason);
      assert.equal(parts.progress.length, 0);
    });
  }

  it("is refused when the stored image is not the one that was added", async () => {
    const firmware = imageOf(100);
    const { run } = world({ ...firmware, image: firmware.image.slice(1) });
    await assert.rejects(run(), /does not match its stored hash/);
  });
});
