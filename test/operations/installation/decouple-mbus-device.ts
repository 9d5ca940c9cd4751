import assert from "node:assert/strict";
import { type Cell, envelope, requireOk } from "../../e2e/matrix-case.ts";
import { couplingOf, identityHeld, knowMbusDevice, putOn, requireEmpty, spare } from "../../e2e/spare-mbus-device.ts";
import type { TestCase } from "../cases.ts";

const mine = (cell: Cell) => spare(cell, "DECOG");

export const testCase: TestCase = {
  wire: {
    operation: "DecoupleMbusDevice",
    service: "i",
    content: "<$:MbusDeviceIdentification>TESTG102400000001</$:MbusDeviceIdentification>",
    request: { mbusDevice: "TESTG102400000001" },
    result: {},
    response: "<Result>OK</Result>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      arrange: async (cell) => {
        await knowMbusDevice(cell.world, mine(cell), "72000001", { gateway: { device: cell.device, channel: 3 } });
        putOn(cell, 3, identityHeld(cell, "72000001", 8));
      },
      document: (cell) =>
        envelope(
          `<i:DecoupleMbusDeviceRequest><i:DeviceIdentification>${cell.device}</i:DeviceIdentification>` +
            `<i:MbusDeviceIdentification>${mine(cell)}</i:MbusDeviceIdentification></i:DecoupleMbusDeviceRequest>`,
        ),
      check: async (answer, cell) => {
        requireOk(answer);
        requireEmpty(cell, 3);
        // slave_deinstall was called, not only the identity overwritten.
        assert.equal(cell.read("72/0.3.24.1.0.255/13"), 99);
        assert.equal(await couplingOf(cell, mine(cell)), undefined);
      },
    },
  },
};
