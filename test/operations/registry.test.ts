import assert from "node:assert/strict";
import { defineOperation, type Nothing } from "../../src/operations/operation.ts";
import { actionOf, currentRequest, groupsNeeded, writes } from "../../src/operations/registry.ts";

interface Window {
  readonly lengthS: number;
}

const window = {
  name: "SetWindow",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_WINDOW",
  failure: "fault",
} as const;
const setWindow = defineOperation<Window, Nothing>({
  ...window,
  version: 3,
  upgrade: (fromVersion, stored) => {
    const { length } = stored as { length: number };
    return { lengthS: fromVersion === 1 ? length * 60 : length };
  },
});

describe("a stored action", () => {
  it("carries the version of its request, except the first one", () => {
    const action = { operation: "SetWindow", version: 3, request: { lengthS: 5 } };
    assert.deepEqual(actionOf(setWindow, { lengthS: 5 }), action);
    assert.deepEqual(Object.keys(actionOf(defineOperation<Nothing, Nothing>(window), {})), ["operation", "request"]);
  });

  it("is understood in every version since the first, which has no number", () => {
    const requestOf = (stored: object) => currentRequest(setWindow, { operation: "SetWindow", ...stored } as never);
    assert.deepEqual(requestOf({ version: 3, request: { lengthS: 5 } }), { lengthS: 5 });
    assert.deepEqual(requestOf({ version: 2, request: { length: 5 } }), { lengthS: 5 });
    assert.deepEqual(requestOf({ request: { length: 5 } }), { lengthS: 300 });
  });

  it("is refused when a later release stored it", () => {
    const stored = { operation: "SetWindow", version: 4, request: {} };
    assert.throws(() => currentRequest(setWindow, stored), { code: "INTERNAL", message: /version 4.* knows 3/ });
  });
});

describe("what is known of an operation by its name", () => {
  it("is whether it changes something; an unknown one may", () => {
    assert.deepEqual(["GetFirmwareVersion", "SetSpecialDays", "ReplaceKeys", "Forgotten"].map(writes), [
      false,
      true,
      true,
      true,
    ]);
  });

  it("is what must be granted for it; everything when it is not known any more", () => {
    assert.deepEqual(groupsNeeded("UpdateFirmware"), ["FIRMWARE"]);
    assert.deepEqual(groupsNeeded("Bundle"), []);
    assert.deepEqual(groupsNeeded("Forgotten"), ["OWNER", "DANGEROUS_COMMANDS"]);
  });
});
