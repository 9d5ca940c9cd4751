import type { DecimalText } from "../../lib/decimal.ts";
import { defineOperation } from "../operation.ts";

const LINK_TYPES = ["ailux", "coap", "ctrlbyweb", "modbus", "po", "rtcoa", "slowd", "tcp", "tempalert", "udp"] as const;

export interface RemoteDevice {
  readonly address: string;
  readonly linkType: (typeof LINK_TYPES)[number];
}

export interface RemoteTest {
  readonly trace: readonly { readonly elapsedSeconds: DecimalText; readonly message: string }[];
  readonly registers: readonly { readonly name: string; readonly type: string }[];
}

/** Has an eGauge meter talk to a device whose registers it could take over. */
export const testRemote = defineOperation<RemoteDevice, RemoteTest>({
  name: "TestRemote",
  group: "AD_HOC",
  effect: "reads",
  notification: "TEST_REMOTE",
  failure: "fault",
});
