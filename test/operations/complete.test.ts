import assert from "node:assert/strict";
import { coverage, recordCoverage } from "../../scripts/operations/coverage.ts";
import { SIMPLE_TYPES } from "../../src/contract/generated/tables.ts";
import { WIRE_FORMS } from "../../src/contract/operations/index.ts";
import { isOffered } from "./services.ts";

const NOTIFICATIONS = SIMPLE_TYPES["sm-notification:NotificationType"]?.enumeration ?? [];

describe("every operation", () => {
  const page = coverage(new URL("../../", import.meta.url));

  it("goes by one name only", () => {
    assert.ok(page.length > 30);
    assert.deepEqual([...WIRE_FORMS.keys()].sort(), page.map(({ operation }) => operation.name).sort());
  });

  it("of Metergate's own services has records with a sample and a test each", () => {
    const records = recordCoverage(page.filter(({ operation }) => isOffered(operation.name)));
    assert.ok(records.length >= 14);
    for (const { name, samples, tests } of records) assert.ok(samples.length > 0 && tests.length > 0, name);
  });

  for (const { operation, service, families, samples, tests } of page.filter((each) =>
    isOffered(each.operation.name),
  )) {
    it(`${operation.name} has a wire form, somebody who carries it out, a sample and a test from end to end`, () => {
      const form = WIRE_FORMS.get(operation.name);
      assert.equal(form?.operation, operation);
      assert.ok(NOTIFICATIONS.includes(operation.notification), operation.notification);
      const tellsErrors = form.requestElement && form.toErrorResponse;
      assert.equal(tellsErrors ? "result" : "fault", operation.failure);
      for (const [what, found] of Object.entries({ service, families, samples, tests })) {
        assert.ok(found?.length, `no ${what}`);
      }
    });
  }
});
