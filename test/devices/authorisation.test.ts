import assert from "node:assert/strict";
import { isAuthorised } from "../../src/devices/authorisation.ts";
import { type Authorisation, FUNCTION_GROUPS, type FunctionGroup } from "../../src/domain/device.ts";
import { OPERATIONS } from "../../src/operations/index.ts";
import type { Operation } from "../../src/operations/operation.ts";
import { groupsNeeded } from "../../src/operations/registry.ts";

const rights = (...groups: FunctionGroup[]): Authorisation[] =>
  groups.map((functionGroup) => ({ organisation: "Utility", functionGroup }));

describe("a right on a device", () => {
  it("covers the operations of its function group; OWNER those of every one", () => {
    for (const { name, group, isDangerous } of Object.values<Operation>(OPERATIONS)) {
      const needed = groupsNeeded(name);
      assert.equal(needed.includes("DANGEROUS_COMMANDS"), isDangerous !== undefined, name);
      // That it is granted by itself is held below.
      const others = needed.filter((each) => each !== "DANGEROUS_COMMANDS");
      const covering = FUNCTION_GROUPS.filter((each) => isAuthorised(rights(each), "Utility", others));
      assert.deepEqual(new Set(covering), new Set(["OWNER", group]), name);
    }
  });

  it("is its organisation's alone", () => {
    assert.equal(isAuthorised(rights("OWNER"), "Other", ["FIRMWARE"]), false);
    assert.equal(isAuthorised(rights("OWNER"), "Other", []), false);
  });

  it("to dangerous commands is granted by itself, besides that of their group", () => {
    const needed = ["MANAGEMENT", "DANGEROUS_COMMANDS"] as const;
    for (const [groups, may] of [
      [["OWNER"], false],
      [["MANAGEMENT"], false],
      [["DANGEROUS_COMMANDS"], false],
      [["OWNER", "DANGEROUS_COMMANDS"], true],
      [["MANAGEMENT", "DANGEROUS_COMMANDS"], true],
    ] as const) {
      assert.equal(isAuthorised(rights(...groups), "Utility", needed), may, groups.join());
    }
  });

  it("to keys of meters is the owner's, whatever else was granted", () => {
    const others = FUNCTION_GROUPS.filter((group) => group !== "OWNER");
    for (const name of [
      "GetKeys",
      "ReplaceKeys",
      "GenerateAndReplaceKeys",
      "SetKeyOnGMeter",
      "SetMbusUserKeyByChannel",
    ]) {
      assert.equal(isAuthorised(rights(...others), "Utility", groupsNeeded(name)), false, name);
    }
  });
});
