const { reporters, Runner } = require("mocha");

/** How long what a test left open may keep the process alive. */
const LINGER_MS = 10_000;

/**
 * The usual report, closed by one line that a machine can read: `N passed, N failed`.
 * A process that ends before the run does has failed, whatever it says itself.
 */
module.exports = class extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const failWhenCutOff = () => {
      console.log(`the run was cut off\n${this.stats.passes} passed, ${this.stats.failures + 1} failed`);
      process.exitCode = 1;
    };
    process.once("exit", failWhenCutOff);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      process.off("exit", failWhenCutOff);
      setTimeout(() => {
        console.error(`a test left something open: ${process.getActiveResourcesInfo().join(", ")}`);
        process.exit();
      }, LINGER_MS).unref();
      const { passes, failures } = this.stats;
      console.log(`${passes} passed, ${failures} failed`);
    });
  }
};
