import assert from "node:assert/strict";
import { type Cell, envelope, requireOk } from "../../e2e/matrix-case.ts";
import { couplingOf, heldOn, identityHeld, knowMbusDevice, putOn, spare } from "../../e2e/spare-mbus-device.ts";
import type { TestCase } from "../cases.ts";

const mine = (cell: Cell) => spare(cell, "ADMIG");

export const testCase: TestCase = {
  wire: {
    operation: "DecoupleMbusDeviceAdministrative",
    service: "i",
    whole: "<$:MbusDeviceIdentification>TEST1024000000001</$:MbusDeviceIdentification>",
    request: {},
    result: {},
    response: "<Result>OK</Result>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      arrange: async (cell) => {
        await knowMbusDevice(cell.world, mine(cell), "74000001", { gateway: { device: cell.device, channel: 3 } });
        putOn(cell, 3, identityHeld(cell, "74000001", 8));
      },
      document: (cell) =>
        envelope(
          "<i:DecoupleMBusDeviceAdministrativeRequest>" +
            `<i:MbusDeviceIdentification>${mine(cell)}</i:MbusDeviceIdentification>` +
            "</i:DecoupleMBusDeviceAdministrativeRequest>",
        ),
      check: async (answer, cell) => {
        requireOk(answer);
        assert.equal(await couplingOf(cell, mine(cell)), undefined);
        // The meter was not asked.
        assert.deepEqual(heldOn(cell, 3), identityHeld(cell, "74000001", 8));
        putOn(cell, 3);
      },
    },
  },
};
