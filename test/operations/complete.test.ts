import assert from "node:assert/strict";
import { EXECUTIONS as DLMS } from "../../src/adapters/dlms/operations/index.ts";
import { EXECUTIONS as PLATFORM } from "../../src/adapters/platform/operations/index.ts";
import { WIRE_FORMS } from "../../src/contract/operations/index.ts";
import { OPERATIONS } from "../../src/operations/index.ts";
import type { Operation } from "../../src/operations/operation.ts";

describe("every operation", () => {
  for (const [name, operation] of Object.entries<Operation>(OPERATIONS)) {
    it(`${name} goes by that name and has a wire form that tells a failure as it says`, () => {
      assert.equal(operation.name, name);
      const form = WIRE_FORMS.get(name);
      assert.equal(form?.operation, operation);
      assert.ok(DLMS.has(name) || PLATFORM.has(name), "nobody carries it out");
      assert.equal(form.toErrorResponse ? "result" : "fault", operation.failure);
    });
  }
});
