import { MetergateError } from "../domain/errors.ts";
import { type Clock, type Elapsed, since } from "../lib/clock.ts";
import type { RequestsStore } from "../store/requests.ts";

/** How often an organisation that has no room left is counted anew. */
const FULL_EVERY_MS = 1_000;
/** How long a count is believed: other nodes accept requests too. */
const BELIEVED_MS = 60_000;
/** When a caller may try again, in seconds; told in the answer. */
const RETRY_AFTER_SECONDS = 10;

interface Room {
  readonly most: number;
  /** How many more may come in before what waits is counted anew. */
  left: number;
  readonly counted: Elapsed;
}

/**
 * How many requests of one organisation may wait. What waits is counted now and then only, so that accepting a request
 * costs nothing for it: the limit holds for a node to within what was just being accepted.
 */
export class QueueLimit {
  readonly #store: Pick<RequestsStore, "countWaiting">;
  readonly #clock: Clock;
  readonly #most: number;
  readonly #rooms = new Map<string, Room>();
  readonly #counting = new Map<string, Promise<Room>>();

  constructor(store: Pick<RequestsStore, "countWaiting">, clock: Clock, most: number) {
    this.#store = store;
    this.#clock = clock;
    this.#most = most;
  }

  /**
   * Takes a place in the queue.
   * @param most how many of this organisation may wait, where that is another number than for all
   * @throws MetergateError SERVICE_BUSY when the organisation has none left, or what waits cannot be counted
   */
  async enter(organisation: string, most = this.#most): Promise<void> {
    const room = await this.#roomOf(organisation, most);
    if (room.left <= 0) {
      const text = `${most} requests of organisation ${organisation} wait already; send again when some have ended`;
      throw new MetergateError("SERVICE_BUSY", text, { context: { retryAfterSeconds: RETRY_AFTER_SECONDS } });
    }
    room.left -= 1;
  }

  async #roomOf(organisation: string, most: number): Promise<Room> {
    const room = this.#rooms.get(organisation);
    if (room?.most === most && since(this.#clock, room.counted) < (room.left > 0 ? BELIEVED_MS : FULL_EVERY_MS))
      return room;
    const counting =
      this.#counting.get(organisation) ??
      this.#count(organisation, most).finally(() => this.#counting.delete(organisation));
    this.#counting.set(organisation, counting);
    return counting;
  }

  async #count(organisation: string, most: number): Promise<Room> {
    const waiting = await this.#store.countWaiting(organisation, most);
    const room = { most, left: most - waiting, counted: this.#clock.elapsed() };
    this.#rooms.set(organisation, room);
    return room;
  }
}
