import { createHash } from "node:crypto";
import pg from "pg";
import { nextTurn, sleep, systemClock } from "../../lib/clock.ts";
import { systemRandom } from "../../lib/random.ts";
import type { Wakes } from "../server/open-store.ts";

/** Wake-ups of others go out at most so often: a notification makes commits wait for each other. */
const AT_MOST_EVERY_MS = 20;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** LISTEN and NOTIFY, on a connection of their own that is made anew when it goes. */
export class PostgresWakes implements Wakes {
  readonly #url: string;
  readonly #channel: string;
  /** Tells our own wake-ups from those of others. */
  readonly #id = systemRandom.uuid();
  readonly #closing = new AbortController();
  #client: pg.Client | undefined;
  #listening: Promise<void> | undefined;
  #telling: Promise<void> | undefined;
  /** Somebody is to be told, as soon as there is a connection. */
  #again = false;
  #onWake = () => {};

  constructor(url: string, schema = "public") {
    this.#url = url;
    this.#channel = `metergate_${createHash("sha256").update(schema).digest("hex").slice(0, 16)}`;
  }

  listen(onWake: () => void): void {
    this.#onWake = onWake;
    this.#listening ??= this.#listen();
  }

  tell(): void {
    this.#again = true;
    this.#listening ??= this.#listen();
    this.#telling ??= this.#tell();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#telling;
    await this.#client?.end().catch(() => {});
    await this.#listening;
  }

  async #tell(): Promise<void> {
    // What is told in this turn of the event loop is told once; and whoever called has to have the promise first.
    await nextTurn();
    while (this.#again && this.#client) {
      this.#again = false;
      // Whoever misses it looks by itself within seconds.
      await this.#client.query("select pg_notify($1, $2)", [this.#channel, this.#id]).catch(() => {});
      await sleep(systemClock, AT_MOST_EVERY_MS, this.#closing.signal);
    }
    this.#telling = undefined;
  }

  async #listen(): Promise<void> {
    const { signal } = this.#closing;
    let isAgain = false;
    for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      const client = new pg.Client({
        connectionString: this.#url,
        keepAlive: true,
        application_name: "metergate wakes",
      });
      const ended = new Promise<void>((resolve) => {
        client.on("end", () => resolve());
        client.on("error", () => resolve());
      });
      try {
        await client.connect();
        await client.query(`listen ${this.#channel}`);
        client.on("notification", ({ payload }) => {
          if (payload !== this.#id) this.#onWake();
        });
        this.#client = client;
        pauseMs = FIRST_PAUSE_MS;
        // What was told while nobody listened.
        if (isAgain) this.#onWake();
        isAgain = true;
        this.#telling ??= this.#tell();
        if (signal.aborted) await client.end();
        await ended;
      } catch {
        await client.end().catch(() => {});
      }
      this.#client = undefined;
      await sleep(systemClock, pauseMs, signal);
    }
  }
}
