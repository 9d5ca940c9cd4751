import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { type Cell, envelope, requireOk } from "../../e2e/matrix-case.ts";
import { couplingOf, forget, heldOn, identityHeld, knowMbusDevice, spare } from "../../e2e/spare-mbus-device.ts";
import type { TestCase } from "../cases.ts";

const mine = (cell: Cell) => spare(cell, "COUPG");

export const testCase: TestCase = {
  wire: {
    operation: "CoupleMbusDevice",
    service: "i",
    content: "<$:MbusDeviceIdentification>TESTG102400000001</$:MbusDeviceIdentification><$:Force>true</$:Force>",
    request: { mbusDevice: "TESTG102400000001", force: true },
    result: {
      mbusDevice: "TESTG102400000001",
      channel: {
        ...{ channel: 2, primaryAddress: 9, identificationNumber: "12056731", manufacturerIdentification: "LGB" },
        ...{ versionIdentification: 66, deviceTypeIdentification: 3 },
      },
    },
    response:
      "<Result>OK</Result><MbusDeviceIdentification>TESTG102400000001</MbusDeviceIdentification>" +
      "<ChannelElementValues><Channel>2</Channel><PrimaryAddress>9</PrimaryAddress>" +
      "<IdentificationNumber>12056731</IdentificationNumber><ManufacturerIdentification>LGB</ManufacturerIdentification>" +
      "<Version>66</Version><DeviceTypeIdentification>3</DeviceTypeIdentification></ChannelElementValues>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      arrange: (cell) => knowMbusDevice(cell.world, mine(cell), "70000001"),
      document: (cell) =>
        envelope(
          `<i:CoupleMbusDeviceRequest><i:DeviceIdentification>${cell.device}</i:DeviceIdentification>` +
            `<i:MbusDeviceIdentification>${mine(cell)}</i:MbusDeviceIdentification><i:Force>false</i:Force>` +
            "</i:CoupleMbusDeviceRequest>",
        ),
      // Nothing is on channel 2 before.
      check: async (answer, cell) => {
        requireOk(answer);
        assert.deepEqual([leaf(answer, "MbusDeviceIdentification"), leaf(answer, "Channel")], [mine(cell), "2"]);
        assert.equal(leaf(answer, "IdentificationNumber"), "70000001");
        assert.deepEqual(heldOn(cell, 2), identityHeld(cell, "70000001", 0));
        assert.deepEqual(await couplingOf(cell, mine(cell)), { device: cell.device, channel: 2 });
        await forget(cell, mine(cell), 2);
      },
    },
  },
};
