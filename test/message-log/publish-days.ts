import { join } from "node:path";
import { LogKeys } from "../../src/devices/log-keys.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { Publisher } from "../../src/message-log/publisher.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { openStore } from "../../src/store/open-store.ts";

/** A message of the organisation Utility. */
export interface DayMessage {
  readonly direction: "in" | "out";
  readonly device: string;
  readonly correlationUid: string;
  readonly body: string;
}

/** Makes a data directory whose log has these messages, day by day from 1 May 2026 on, and publishes it. */
export async function publishDays(
  dataDirectory: string,
  name: string,
  days: readonly (readonly DayMessage[])[],
): Promise<void> {
  const clock = new ManualClock(Date.UTC(2026, 4, 1));
  const store = await openStore({ dataDirectory, clock });
  const log = new MessageLog(store.messageLog, clock);
  const caller = { organisation: "Utility", userName: "clerk", applicationName: "ERP" };
  for (const messages of days) {
    for (const { body, ...about } of messages) {
      await log.append({ service: "adhoc", operation: "O", caller, ...about, body: Buffer.from(body) });
    }
    clock.advance(86_400_000);
  }
  await growLog(store.messageLog);
  const keys = LogKeys.open(join(dataDirectory, "log.key"), systemRandom, name);
  await new Publisher({
    ...{ log: store.messageLog, directory: join(dataDirectory, "log"), attestors: [], clock, random: systemRandom },
    signers: () => keys.signers(),
    onRefused: () => {},
  }).publish();
  await store.close();
}
