import { sleep, systemClock } from "../../lib/clock.ts";
import type { Wakes } from "../server/open-store.ts";
import type { Driver } from "../server/session.ts";

const POLL_MS = 1_000;
/** In the order of its index, which holds nothing else. */
const ANY_READY = `select family from request where lane = 'ready'
  order by family, organisation, priority desc, id offset 0 rows fetch next 1 rows only`;

/** SQL Server tells nobody anything: whether there is something to claim is looked for. */
export class SqlServerWakes implements Wakes {
  readonly #driver: Driver;
  readonly #closing = new AbortController();
  #polling: Promise<void> | undefined;

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  listen(onWake: () => void): void {
    this.#polling ??= this.#poll(onWake);
  }

  /** The others will see. */
  tell(): void {}

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#polling;
  }

  async #poll(onWake: () => void): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await sleep(systemClock, POLL_MS, signal);
      // A server that is gone has nothing to claim.
      if (!signal.aborted && (await this.#isAnyReady().catch(() => false))) onWake();
    }
  }

  async #isAnyReady(): Promise<boolean> {
    const wire = await this.#driver.acquire();
    return (await wire.query(ANY_READY, [])).count > 0;
  }
}
