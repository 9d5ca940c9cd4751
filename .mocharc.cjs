const { availableParallelism } = require("node:os");

module.exports = {
  "node-option": ["import=./scripts/typescript.mjs"],
  require: ["test/setup.ts"],
  reporter: "scripts/mocha-reporter.cjs",
  // For a hung test, not for a slow machine: what must be quick is measured in what it does, not in time.
  timeout: 600_000,
  // With --parallel: two more than cores, because each waits now and then: for a meter, a process, a timer.
  jobs: availableParallelism() + 2,
};
