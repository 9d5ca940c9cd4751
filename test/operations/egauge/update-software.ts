import assert from "node:assert/strict";
import type { TestCase } from "../cases.ts";

export const testCase: TestCase = {
  wire: {
    operation: "UpdateSoftware",
    service: "egauge-commands",
    content:
      "<$:Action>INSTALL</$:Action><$:Target>KERNEL</$:Target><$:Branch></$:Branch><$:Force>true</$:Force>" +
      "<$:Version>5.15.4</$:Version>",
    request: { action: "install", target: "kernel", branch: "", force: true, version: "5.15.4" },
    result: { newest: "4.7.2", minimum: "4.4", installed: "5.15.4" },
    response:
      "<Result>OK</Result><NewestVersion>4.7.2</NewestVersion><MinimumVersion>4.4</MinimumVersion>" +
      "<InstalledVersion>5.15.4</InstalledVersion>",
  },
  egauge: {
    content: "<$:Action>INSTALL</$:Action><$:Target>FIRMWARE</$:Target>",
    check(answer, { state, executed }) {
      assert.equal(answer("InstalledVersion"), "4.7.2");
      assert.deepEqual([state.firmware, state.boots], ["4.7.2", 2]);
      assert.deepEqual(executed, ["update"]);
    },
  },
};
