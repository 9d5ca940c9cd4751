import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { type Cell, envelope, requireOk } from "../../e2e/matrix-case.ts";
import { couplingOf, identityHeld, knowMbusDevice, putOn, requireEmpty, spare } from "../../e2e/spare-mbus-device.ts";
import type { TestCase } from "../cases.ts";

const mine = (cell: Cell) => spare(cell, "DCHNG");
const numberOf = ({ version }: Cell) => `73${version.replace(/\D/g, "").padStart(6, "0")}`;

const data = (channel: number) =>
  "<i:DecoupleMbusDeviceByChannelRequestData>" +
  `<i:Channel>${channel}</i:Channel>` +
  "</i:DecoupleMbusDeviceByChannelRequestData>";

export const testCase: TestCase = {
  wire: {
    operation: "DecoupleMbusDeviceByChannel",
    service: "i",
    content: data(2).replaceAll("i:", "$:"),
    request: { channel: 2 },
    result: {
      mbusDevice: "TESTG102400000001",
      isReadable: true,
      channel: {
        ...{ channel: 2, primaryAddress: 9, identificationNumber: "12056731", manufacturerIdentification: "LGB" },
        ...{ versionIdentification: 66, deviceTypeIdentification: 3 },
      },
    },
    response:
      "<Result>OK</Result><resultString>Decouple Mbus Device was successful</resultString>" +
      "<mbusDeviceIdentification>TESTG102400000001</mbusDeviceIdentification>" +
      "<ChannelElementValues><Channel>2</Channel><PrimaryAddress>9</PrimaryAddress>" +
      "<IdentificationNumber>12056731</IdentificationNumber><ManufacturerIdentification>LGB</ManufacturerIdentification>" +
      "<Version>66</Version><DeviceTypeIdentification>3</DeviceTypeIdentification></ChannelElementValues>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      arrange: async (cell) => {
        const gateway = { device: cell.device, channel: 4 };
        await knowMbusDevice(cell.world, mine(cell), numberOf(cell), { gateway });
        putOn(cell, 4, identityHeld(cell, numberOf(cell), 7));
      },
      document: ({ device }) =>
        envelope(
          `<i:DecoupleMbusDeviceByChannelRequest><i:DeviceIdentification>${device}</i:DeviceIdentification>${data(4)}` +
            "</i:DecoupleMbusDeviceByChannelRequest>",
        ),
      check: async (answer, cell) => {
        requireOk(answer);
        assert.equal(leaf(answer, "resultString"), "Decouple Mbus Device was successful");
        const values = ["mbusDeviceIdentification", "PrimaryAddress", "IdentificationNumber"];
        assert.deepEqual(
          values.map((name) => leaf(answer, name)),
          [mine(cell), "7", numberOf(cell)],
        );
        requireEmpty(cell, 4);
        assert.equal(await couplingOf(cell, mine(cell)), undefined);
      },
    },
  },
};
