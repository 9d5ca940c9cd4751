import assert from "node:assert/strict";
import { findPostgres } from "../store/temporary-postgres.ts";
import { runFaults } from "./harness.ts";

/** `npm run faults -- --minutes 30` is the long form. */
describe("a service to which everything happens", () => {
  const say = () => {};

  for (const [database, nodes, minutes] of [
    ["postgres", 3, 2],
    ["sqlite", 1, 0.5],
  ] as const) {
    it(`keeps its promises on ${database}, and what is wrong on purpose is found`, async function () {
      if (database === "postgres" && "missing" in (await findPostgres())) this.skip();
      this.timeout(900_000);
      const report = await runFaults({ database, nodes, forMs: minutes * 60_000, putIn: true, say });
      assert.deepEqual([report.violations, report.missed], [[], []]);
      assert.ok(report.acknowledged > 20 && report.writes > 5, JSON.stringify(report));
    });
  }
});
