import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DEMO_MODEL } from "../../src/cli/demo-fleet.ts";
import { leaf } from "../../src/cli/erp-client.ts";
import { asNumber } from "../../src/dlms/data.ts";
import { parseObis } from "../../src/lib/obis.ts";
import type { Behaviour } from "../../src/simulators/dlms/behaviour.ts";
import { type CutMoment, cutConnection, imageTransfer } from "../../src/simulators/dlms/behaviours.ts";
import { IMAGE_STATUS, receivedImage } from "../../src/simulators/dlms/classes/image-transfer.ts";
import { run, sample, startWorld, type World } from "./harness.ts";

const METER = "TEST1027000000001";
const sha256 = (octets: Uint8Array) => createHash("sha256").update(octets).digest("hex");
/** Images that differ from each other by `seed`. */
const imageOf = (size: number, seed: number) =>
  Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) * 7 + seed) & 0xff);

/** Cuts one connection at its `number`-th APDU, and none after it. */
function cutOnce(number: number, moment: CutMoment): Behaviour {
  const cut = cutConnection(number, moment);
  let done = false;
  const firstTime = <A extends readonly unknown[], R>(hook: ((...args: A) => R) | undefined) =>
    hook &&
    ((...args: A): R | undefined => {
      const result = done ? undefined : hook(...args);
      done ||= result === "cut";
      return result;
    });
  const { request, answer, answered } = cut;
  return { name: "cut once", request: firstTime(request), answer: firstTime(answer), answered: firstTime(answered) };
}

describe("firmware on its way to a meter over TCP", () => {
  let world: World;
  let images = 0;
  before(async () => {
    world = await startWorld({ METERGATE_RETRY_DELAY_MS: "1", METERGATE_MAX_RETRIES: "5" });
  });
  after(() => world.stop());

  const meter = () => world.meter(METER);
  const status = () => asNumber(meter().read(18, parseObis("0.0.44.0.0.255"), 6));

  /** Adds an image to the repository and asks for it; gives its octets when the meter has it. */
  async function update(size: number, behaviours: readonly Behaviour[]): Promise<Uint8Array> {
    const identification = `IMAGE-${++images}`;
    const image = imageOf(size, images);
    const firmware = {
      identification,
      image,
      sha256: sha256(image),
      imageIdentifier: Buffer.from(identification),
      models: [DEMO_MODEL],
    };
    await world.service.store.firmware.put(firmware, 0, []);
    meter().behaviours.clear();
    meter().behaviours.add(...behaviours);
    const answer = await run(world.client, sample("UpdateFirmware", ["DEMO-IMAGE-1", identification]));
    assert.equal(leaf(answer, "Result"), "OK", answer.xml);
    return image;
  }

  it("arrives whole, 256 kB with 3 % of the blocks lost and a cut in the middle", async () => {
    let sent = 0;
    const counting: Behaviour = {
      name: "counting",
      invoke: ({ classId, method }) => {
        if (classId === 18 && method === 2) sent++;
        return undefined;
      },
    };
    const behaviours = [imageTransfer({ blockLoss: 0.03, activationMs: 0 }), counting, cutOnce(600, "after-effect")];
    const image = await update(256 * 1024, behaviours);
    assert.equal(sha256(receivedImage(meter().meter)), sha256(image));
    assert.equal(status(), IMAGE_STATUS.activationSuccessful);
    const blocks = Math.ceil(image.length / 216);
    assert.ok(
      sent < blocks * 1.1,
      `${sent} transfers for ${blocks} blocks: what was sent before the cut is not sent again`,
    );
  });

  it("arrives and is activated once, wherever the connection is cut", async () => {
    let apdus = 0;
    const counting: Behaviour = {
      name: "counting",
      request: ({ number }) => {
        apdus = number;
        return undefined;
      },
    };
    const quick = imageTransfer({ blockLoss: 0, activationMs: 0 });
    await update(600, [quick, counting]);
    assert.ok(apdus > 12, `${apdus} APDUs in one session`);
    for (let number = 1; number <= apdus; number++) {
      for (const moment of ["before-effect", "after-effect", "after-answer"] satisfies CutMoment[]) {
        let activations = 0;
        const activating: Behaviour = {
          name: "activating",
          invoke: ({ classId, method }) => {
            if (classId === 18 && method === 4) activations++;
            return undefined;
          },
        };
        const image = await update(600, [quick, activating, cutOnce(number, moment)]);
        assert.equal(sha256(receivedImage(meter().meter)), sha256(image), `cut ${moment} of APDU ${number}`);
        assert.equal(status(), IMAGE_STATUS.activationSuccessful);
        assert.equal(activations, 1, `activations, cut ${moment} of APDU ${number}`);
      }
    }
  });
});
