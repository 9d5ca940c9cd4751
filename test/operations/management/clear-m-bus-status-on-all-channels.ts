import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { management, requireOk } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const statusOf = (channel: number) => `4/0.${channel}.24.2.6.255/2`;
const alarmOf = (channel: number) => `72/0.${channel}.24.1.0.255/12`;
const CHANNELS = [1, 2, 3, 4];

export const testCase: TestCase = {
  wire: {
    operation: "ClearMBusStatusOnAllChannels",
    service: "m",
    content: "<$:ClearMBusStatusOnAllChannelsRequestData/>",
    request: {},
    result: {},
    response: "<Result>OK</Result>",
  },
  dlms: {
    expected: [416, 416, 416, 416, "yes", "yes", "yes"],
    reason: "No address found for CLEAR_MBUS_STATUS in protocol VERSION",
    matrix: {
      document: ({ device }) =>
        management("ClearMBusStatusOnAllChannels", device, "<m:ClearMBusStatusOnAllChannelsRequestData/>"),
      // Nothing is to be cleared on channel 3: its alarm is none of the M-Bus status, and stays.
      arrange: (cell) => {
        for (const channel of CHANNELS) {
          cell.write(statusOf(channel), cosem.doubleLongUnsigned(channel === 3 ? 0 : 0x8000_0000 + channel));
          cell.write(alarmOf(channel), cosem.unsigned(channel));
        }
      },
      check: (answer, cell) => {
        requireOk(answer);
        assert.deepEqual(
          CHANNELS.map((channel) => [cell.read(statusOf(channel)), cell.read(alarmOf(channel))]),
          [
            [0, 0],
            [0, 0],
            [0, 3],
            [0, 0],
          ],
        );
      },
    },
  },
};
