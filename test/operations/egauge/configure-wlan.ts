import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

const SEALED = "AB".repeat(256);

export const testCase: TestCase = {
  wire: {
    operation: "ConfigureWlan",
    service: "egauge-commands",
    content:
      "<$:Action>ADD</$:Action><$:Ssid>house &amp; garden</$:Ssid><$:Hidden>true</$:Hidden>" +
      `<$:EncryptionKey>${SEALED}</$:EncryptionKey><$:KeyIsHex>true</$:KeyIsHex>`,
    request: { action: "add", ssid: "house & garden", hidden: true, key: SEALED, keyIsHex: true },
    result: {},
    response: "<Result>OK</Result>",
  },
  egauge: {
    content: (seal) =>
      `<$:Action>ADD</$:Action><$:Ssid>garden</$:Ssid><$:EncryptionKey>${seal("a passphrase")}</$:EncryptionKey>`,
    check(answer, { state }) {
      assert.equal(answer("Result"), "OK");
      assert.deepEqual(state.wlan.at(-1), { id: 1, ssid: "garden", hidden: false, secured: true });
      assert.deepEqual([state.selectedWlan, state.rebootPending], [1, true]);
    },
  },
};
