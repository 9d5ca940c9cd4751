import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

const SEALED = "AB".repeat(256);

export const testCase: TestCase = {
  wire: {
    operation: "SetHomeplugPassword",
    service: "egauge-commands",
    content:
      `<$:Password>${SEALED}</$:Password><$:Target><$:MacAddress>01:23:45:67:89:ab</$:MacAddress>` +
      `<$:EncryptionKey>${SEALED}</$:EncryptionKey></$:Target>`,
    request: { password: SEALED, targets: [{ macAddress: "01:23:45:67:89:ab", deviceKey: SEALED }] },
    result: {},
    response: "<Result>OK</Result>",
  },
  egauge: {
    content: (seal) =>
      `<$:Password>${seal("pass \u20ac word")}</$:Password><$:Target><$:MacAddress>01:23:45:67:89:ab</$:MacAddress>` +
      `<$:EncryptionKey>${seal("ABCD-EFGH-IJKL-MNOP")}</$:EncryptionKey></$:Target>`,
    check(answer, { state }) {
      assert.equal(answer("Result"), "OK");
      const targets = ["01:23:45:67:89:ab/ABCD-EFGH-IJKL-MNOP"];
      assert.deepEqual(state.homeplug, { password: "pass \u20ac word", targets });
    },
  },
};
