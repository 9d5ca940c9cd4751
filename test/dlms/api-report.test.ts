import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { apiReport, REPORT } from "../../scripts/api-report.ts";
import * as dlms from "../../src/dlms/index.ts";

describe("the report of what metergate/dlms offers", () => {
  const report = apiReport();

  it("is what the packed types say (npm run api-report)", () => {
    assert.equal(readFileSync(REPORT, "utf8"), report);
  });

  it("has every name that can be imported, and no comment or private member", () => {
    for (const name of Object.keys(dlms)) assert.match(report, new RegExp(`^(const|class|function) ${name}\\b`, "m"));
    assert.doesNotMatch(report, /\/\*|#private|^ +private /m);
  });
});
