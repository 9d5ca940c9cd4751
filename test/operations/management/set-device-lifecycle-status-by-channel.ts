import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { envelope, recordOf, requireOk } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const data = (status: string, channel: number) =>
  `<m:SetDeviceLifecycleStatusByChannelRequestData><m:DeviceLifecycleStatus>${status}</m:DeviceLifecycleStatus>` +
  `<m:Channel>${channel}</m:Channel></m:SetDeviceLifecycleStatusByChannelRequestData>`;

export const testCase: TestCase = {
  wire: {
    operation: "SetDeviceLifecycleStatusByChannel",
    service: "m",
    whole:
      "<$:GatewayDeviceIdentification>TEST1024000000001</$:GatewayDeviceIdentification>" +
      data("RETURNED_TO_INVENTORY", 2).replaceAll("m:", "$:"),
    request: { channel: 2, status: "RETURNED_TO_INVENTORY" },
    result: {
      ...{ channel: 2, status: "RETURNED_TO_INVENTORY" },
      ...{ gateway: "TEST1024000000001", mbusDevice: "TESTG102400000001" },
    },
    response:
      "<Result>OK</Result><SetDeviceLifecycleStatusByChannelResponseData>" +
      "<GatewayDeviceIdentification>TEST1024000000001</GatewayDeviceIdentification>" +
      "<MbusDeviceIdentification>TESTG102400000001</MbusDeviceIdentification>" +
      "<DeviceLifecycleStatus>RETURNED_TO_INVENTORY</DeviceLifecycleStatus><Channel>2</Channel>" +
      "</SetDeviceLifecycleStatusByChannelResponseData>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) =>
        envelope(
          `<m:SetDeviceLifecycleStatusByChannelRequest><m:GatewayDeviceIdentification>${device}</m:GatewayDeviceIdentification>` +
            `${data("UNDER_TEST", 1)}</m:SetDeviceLifecycleStatusByChannelRequest>`,
        ),
      check: async (answer, cell) => {
        requireOk(answer);
        assert.equal(leaf(answer, "GatewayDeviceIdentification"), cell.device);
        assert.equal(leaf(answer, "MbusDeviceIdentification"), cell.gasMeter);
        assert.equal(leaf(answer, "DeviceLifecycleStatus"), "UNDER_TEST");
        assert.equal((await recordOf(cell, cell.gasMeter)).lifecycleStatus, "UNDER_TEST");
        assert.equal((await recordOf(cell)).lifecycleStatus, undefined);
      },
    },
  },
};
