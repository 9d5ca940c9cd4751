import assert from "node:assert/strict";
import { asDlmsDevice } from "../../../src/adapters/dlms/device.ts";
import { management, recordOf, requireOk } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const settings = (challengeLength: number, withListMax: number) =>
  `<m:SetDeviceCommunicationSettingsData><m:ChallengeLength>${challengeLength}</m:ChallengeLength><m:WithListMax>${withListMax}</m:WithListMax>` +
  "<m:SelectiveAccessSupported>true</m:SelectiveAccessSupported><m:IpAddressIsStatic>true</m:IpAddressIsStatic><m:UseSn>false</m:UseSn>" +
  "<m:UseHdlc>false</m:UseHdlc><m:Polyphase>true</m:Polyphase></m:SetDeviceCommunicationSettingsData>";
const OTHERS = {
  ...{ selectiveAccessSupported: true, ipAddressIsStatic: true, useSn: false, useHdlc: false, polyphase: true },
};

export const testCase: TestCase = {
  wire: {
    operation: "SetDeviceCommunicationSettings",
    service: "m",
    content: settings(64, 0).replaceAll("m:", "$:"),
    request: { challengeLength: 64, withListMax: 0, ...OTHERS },
    result: {},
    response: "<Result>OK</Result>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) => management("SetDeviceCommunicationSettings", device, settings(32, 12)),
      check: async (answer, cell) => {
        requireOk(answer);
        const { host, port, logicalDevice, ...rest } = asDlmsDevice(await recordOf(cell)).dlms!;
        assert.deepEqual([host, port], [cell.meter.host, cell.meter.port]);
        assert.equal(logicalDevice, 1);
        assert.deepEqual(rest, { challengeLength: 32, withListMax: 12, ...OTHERS });
      },
    },
  },
};
