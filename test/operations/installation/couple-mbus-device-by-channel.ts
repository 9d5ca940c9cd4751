import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { type Cell, envelope, requireOk } from "../../e2e/matrix-case.ts";
import { couplingOf, forget, identityHeld, knowMbusDevice, putOn, spare } from "../../e2e/spare-mbus-device.ts";
import type { TestCase } from "../cases.ts";

const mine = (cell: Cell) => spare(cell, "CHANG");
const numberOf = ({ version }: Cell) => `71${version.replace(/\D/g, "").padStart(6, "0")}`;

const data = (channel: number) =>
  "<i:CoupleMbusDeviceByChannelRequestData>" +
  `<i:Channel>${channel}</i:Channel>` +
  "</i:CoupleMbusDeviceByChannelRequestData>";

export const testCase: TestCase = {
  wire: {
    operation: "CoupleMbusDeviceByChannel",
    service: "i",
    content: data(2).replaceAll("i:", "$:"),
    request: { channel: 2 },
    result: {
      channel: {
        ...{ channel: 2, primaryAddress: 9, identificationNumber: "12056731", manufacturerIdentification: "LGB" },
        ...{ versionIdentification: 66, deviceTypeIdentification: 3 },
      },
    },
    response:
      "<Result>OK</Result>" +
      "<ChannelElementValues><Channel>2</Channel><PrimaryAddress>9</PrimaryAddress>" +
      "<IdentificationNumber>12056731</IdentificationNumber><ManufacturerIdentification>LGB</ManufacturerIdentification>" +
      "<Version>66</Version><DeviceTypeIdentification>3</DeviceTypeIdentification></ChannelElementValues>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      arrange: async (cell) => {
        await knowMbusDevice(cell.world, mine(cell), numberOf(cell));
        putOn(cell, 4, identityHeld(cell, numberOf(cell), 7));
      },
      document: ({ device }) =>
        envelope(
          `<i:CoupleMbusDeviceByChannelRequest><i:DeviceIdentification>${device}</i:DeviceIdentification>${data(4)}` +
            "</i:CoupleMbusDeviceByChannelRequest>",
        ),
      check: async (answer, cell) => {
        requireOk(answer);
        const values = ["Channel", "PrimaryAddress", "IdentificationNumber"].map((name) => leaf(answer, name));
        assert.deepEqual(values, ["4", "7", numberOf(cell)]);
        const expected = { device: cell.device, channel: 4, primaryAddress: 7 };
        assert.deepEqual(await couplingOf(cell, mine(cell)), expected);
        await forget(cell, mine(cell), 4);
      },
    },
  },
};
