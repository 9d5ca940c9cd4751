import { parseArgs } from "node:util";
import { runFaults } from "./harness.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "2" },
    database: { type: "string", default: "postgres" },
    nodes: { type: "string" },
    "put-in": { type: "boolean", default: false },
  },
});
const database = values.database === "sqlite" ? "sqlite" : "postgres";
const report = await runFaults({
  database,
  nodes: Number(values.nodes ?? (database === "sqlite" ? 1 : 3)),
  forMs: Number(values.minutes) * 60_000,
  putIn: values["put-in"],
  say: (text) => console.error(`${new Date().toISOString()} ${text}`),
});
const { violations, ...counts } = report;
console.log(JSON.stringify(counts, null, 2));
for (const violation of violations) console.log(`VIOLATION: ${violation}`);
console.log(`${violations.length} violations`);
process.exitCode = violations.length + report.missed.length === 0 ? 0 : 1;
