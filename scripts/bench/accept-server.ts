import { pino } from "pino";
import { assemble } from "../../src/assemble.ts";
import { loadConfig } from "../../src/config.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { openStore } from "../../src/store/open-store.ts";
import { startTasks } from "../../src/tasks/start-tasks.ts";
import { tasksOf } from "../../src/tasks.ts";

/** The service as `serve` runs it; with `--without-log` it accepts requests without an entry of the log. */
const isWithLog = !process.argv.includes("--without-log");
const config = loadConfig(process.env);
const logger = pino({ level: "error" }, pino.destination(2));
const [clock, random] = [systemClock, systemRandom];
const opened = await openStore({ dataDirectory: config.dataDir, clock });
const accept: typeof opened.requests.accept = (acceptance) => opened.requests.accept({ ...acceptance, entries: [] });
const store = isWithLog ? opened : { ...opened, requests: { ...opened.requests, accept } };
const parts = await assemble({ config, store, clock, random, logger });
const stop = await startTasks(tasksOf(parts, "all"), { leases: store.leases, clock, random, logger, leaseMs: 15_000 });
console.log(parts.address.baseUrl);
console.log("ready");
process.once("SIGTERM", async () => {
  await stop();
  await store.close();
  process.exit(0);
});
