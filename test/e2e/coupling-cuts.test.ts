import assert from "node:assert/strict";
import { leaf } from "../../src/cli/erp-client.ts";
import type { Behaviour } from "../../src/simulators/dlms/behaviour.ts";
import { HurriedClock, run, type World } from "./harness.ts";
import { Cell, envelope } from "./matrix-case.ts";
import { VERSIONS } from "./matrix-expectations.ts";
import { startMatrixWorld } from "./matrix-world.ts";
import { couplingOf, forget, heldOn, identityHeld, knowMbusDevice, requireEmpty } from "./spare-mbus-device.ts";

const DEVICE = "CUTSG105100000001";
const NUMBER = "70000099";

describe("coupling an M-Bus device to a meter that hangs up", () => {
  let world: World;
  let cell: Cell;
  before(async () => {
    world = await startMatrixWorld({ METERGATE_RETRY_DELAY_MS: "1" }, { clock: new HurriedClock() });
    cell = new Cell(world, VERSIONS.find(({ version }) => version === "SMR 5.1")!);
    await knowMbusDevice(world, DEVICE, NUMBER);
  });
  after(() => world.stop());

  /** Couples it, cut after so many APDUs; gives how many there were. */
  async function couple(cutAfter: number): Promise<number> {
    let apdus = 0;
    const cutting: Behaviour = { name: "cutting", answer: () => (++apdus === cutAfter ? "cut" : undefined) };
    const { behaviours } = world.meter(cell.device);
    behaviours.add(cutting);
    const answer = await run(
      world.client,
      envelope(
        `<i:CoupleMbusDeviceRequest><i:DeviceIdentification>${cell.device}</i:DeviceIdentification>` +
          `<i:MbusDeviceIdentification>${DEVICE}</i:MbusDeviceIdentification><i:Force>false</i:Force>` +
          "</i:CoupleMbusDeviceRequest>",
      ),
    );
    behaviours.remove(cutting);
    const where = `cut after ${cutAfter}: ${answer.xml}`;
    assert.deepEqual([leaf(answer, "Result"), leaf(answer, "Channel")], ["OK", "2"], where);
    return apdus;
  }

  it("ends on one channel of the meter and of the record, whichever answer was lost", async () => {
    const whole = await couple(0);
    assert.ok(whole > 8, `${whole} APDUs`);
    await forget(cell, DEVICE, 2);
    for (let cutAfter = 1; cutAfter <= whole; cutAfter++) {
      await couple(cutAfter);
      assert.deepEqual(heldOn(cell, 2), identityHeld(cell, NUMBER, 0), `cut after ${cutAfter}`);
      requireEmpty(cell, 3);
      requireEmpty(cell, 4);
      assert.deepEqual(await couplingOf(cell, DEVICE), { device: cell.device, channel: 2 });
      await forget(cell, DEVICE, 2);
    }
  });
});
