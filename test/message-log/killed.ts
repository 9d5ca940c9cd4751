import { join } from "node:path";
import { LogKeys } from "../../src/devices/log-keys.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { Publisher } from "../../src/message-log/publisher.ts";
import { eraseOld } from "../../src/message-log/retention.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import type { MessageLogStore } from "../../src/store/message-log.ts";
import { openStore } from "../../src/store/open-store.ts";

/** Works on a log until the call that it is told to be killed at: name of the method, before or after it, the how-manieth. */
const [dataDirectory = "", method = "", when = "", count = "1"] = process.argv.slice(2);
const die = () => process.kill(process.pid, "SIGKILL");
const store = await openStore({ dataDirectory, clock: systemClock });
let calls = 0;
const fatal = Object.fromEntries(
  Object.entries(store.messageLog).map(([name, call]) => [
    name,
    async (...values: unknown[]) => {
      const isIt = name === method && ++calls === Number(count);
      if (isIt && when === "before") die();
      const result = (call as (...all: unknown[]) => Promise<unknown>)(...values);
      // In the middle: the thread of the database has been told, and the process dies while it works.
      if (isIt && when === "during") setImmediate(die);
      await result;
      if (isIt && when === "after") die();
      return result;
    },
  ]),
) as unknown as MessageLogStore;
const keys = LogKeys.open(join(dataDirectory, "log.key"), systemRandom, "log.example/killed");
const log = new MessageLog(fatal, systemClock);
const publisher = new Publisher({
  ...{ log: fatal, directory: join(dataDirectory, "log"), signers: () => keys.signers(), attestors: [] },
  ...{ clock: systemClock, random: systemRandom, onRefused: () => {} },
});
for (let round = 0; ; round++) {
  const body = Buffer.from(`round ${round} of ${process.pid}`);
  const entry = { direction: "in", class: "poll", service: "s", operation: "o", body } as const;
  await log.append(...new Array(300).fill(entry));
  process.stdout.write(`acknowledged ${300}\n`);
  await growLog(fatal);
  await publisher.publish();
  if (keys.signers().length === 1) keys.add(systemRandom);
  else keys.retire();
  await publisher.publish();
  // All that is a day old, seen from the day after tomorrow.
  await eraseOld(fatal, new Map([["poll", 1]]), systemClock.now() + 2 * 86_400_000);
}
