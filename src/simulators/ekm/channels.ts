/** Messages of a channel that are kept for whoever asks for its past. */
const MOST_KEPT = 200;
const MOST_CHANNELS = 10_000;

type Listener = (message: string) => void;

/** Response channels: what is published goes to whoever listens, and to the past. */
export class Channels {
  readonly #channels = new Map<string, { readonly past: string[]; readonly listeners: Set<Listener> }>();

  publish(name: string, message: string): void {
    const { past, listeners } = this.#channel(name);
    past.push(message);
    if (past.length > MOST_KEPT) past.shift();
    for (const listener of [...listeners]) listener(message);
  }

  /**
   * @param name with `.b` and a number at its end for so many messages of the past
   * @returns what ends it
   */
  subscribe(name: string, listener: Listener): () => void {
    const [, id = name, count = "0"] = /^(.*)\.b(\d+)$/.exec(name) ?? [];
    const { past, listeners } = this.#channel(id);
    for (const message of Number(count) > 0 ? past.slice(-Number(count)) : []) listener(message);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** How many listen to a channel. */
  listeners(name: string): number {
    return this.#channels.get(name)?.listeners.size ?? 0;
  }

  #channel(name: string) {
    const known = this.#channels.get(name);
    if (known) return known;
    const channel = { past: [], listeners: new Set<Listener>() };
    this.#channels.set(name, channel);
    const [oldest] = this.#channels.keys();
    if (this.#channels.size > MOST_CHANNELS) this.#channels.delete(oldest!);
    return channel;
  }
}
