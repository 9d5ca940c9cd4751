const { reporters, Runner } = require("mocha");

/** How long what a test left open may keep the process alive. */
const LINGER_MS = 10_000;

/**
 * The usual report, closed by one line that a machine can read: `N passed, N failed`. It is the last thing that the process
 * says, after whatever else failed when the run had ended already.
 * A process that ends before the run does has failed, whatever it says itself.
 */
module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    let ended = false;
    process.once("exit", () => {
      const { passes, failures } = this.stats;
      if (!ended) console.log("the run was cut off");
      console.log(`${passes} passed, ${ended ? failures : failures + 1} failed`);
      if (!ended || failures > 0) process.exitCode ||= 1;
    });
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      ended = true;
      setTimeout(() => {
        console.error(`a test left something open: ${process.getActiveResourcesInfo().join(", ")}`);
        process.exit();
      }, LINGER_MS).unref();
    });
  }
};
