import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { adhoc, all, type Cell, requireOk } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const identificationOf = ({ isSmr5 }: Cell) => (isSmr5 ? 12_056_731 : 302_343_985);

export const testCase: TestCase = {
  wire: {
    operation: "ScanMbusChannels",
    service: "a",
    request: {},
    result: {
      channels: [
        {
          channel: 1,
          identificationNumber: "12056731",
          manufacturerIdentification: "LGB",
          versionIdentification: 66,
          deviceTypeIdentification: 3,
        },
        {
          channel: 2,
          identificationNumber: "00000000",
          manufacturerIdentification: "",
          versionIdentification: 0,
          deviceTypeIdentification: 0,
        },
        {
          channel: 3,
          identificationNumber: "not a number",
          manufacturerIdentification: "LG1",
          versionIdentification: 1,
          deviceTypeIdentification: 3,
        },
      ],
    },
    response:
      `<Result>OK</Result><ChannelShortId><Channel>1</Channel><ShortId><IdentificationNumber>12056731</IdentificationNumber><ManufacturerIdentification>LGB</ManufacturerIdentification>` +
      "<VersionIdentification>66</VersionIdentification><DeviceTypeIdentification>3</DeviceTypeIdentification></ShortId></ChannelShortId>" +
      "<ChannelShortId><Channel>2</Channel><ShortId><IdentificationNumber>00000000</IdentificationNumber><ManufacturerIdentification/>" +
      "<VersionIdentification>0</VersionIdentification><DeviceTypeIdentification>0</DeviceTypeIdentification></ShortId></ChannelShortId>" +
      "<ChannelShortId><Channel>3</Channel><ShortId><IdentificationNumber/><ManufacturerIdentification/>" +
      "<VersionIdentification>1</VersionIdentification><DeviceTypeIdentification>3</DeviceTypeIdentification></ShortId></ChannelShortId>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) => adhoc("ScanMbusChannels", device),
      // A device is on channel 3 beside the one on channel 1; LGB is 12514.
      arrange: (cell) => {
        const values = [
          cosem.doubleLongUnsigned(identificationOf(cell)),
          cosem.longUnsigned(12_514),
          cosem.unsigned(66),
          cosem.unsigned(3),
        ];
        for (const [i, value] of values.entries()) cell.write(`72/0.3.24.1.0.255/${6 + i}`, value);
      },
      check: (answer, { meter }) => {
        requireOk(answer);
        const onFirst = meter.meter.description.mbusDevices.get(1)!;
        assert.deepEqual(all(answer, "Channel"), ["1", "2", "3", "4"]);
        assert.deepEqual(all(answer, "IdentificationNumber"), [
          onFirst.identificationNumber,
          "00000000",
          "12056731",
          "00000000",
        ]);
        assert.deepEqual(all(answer, "ManufacturerIdentification"), [onFirst.manufacturer, "", "LGB", ""]);
        assert.deepEqual(all(answer, "VersionIdentification"), [String(onFirst.version), "0", "66", "0"]);
        assert.deepEqual(all(answer, "DeviceTypeIdentification"), [String(onFirst.deviceType), "0", "3", "0"]);
      },
    },
  },
};
