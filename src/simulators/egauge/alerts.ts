import { type Answer, OK, refusal } from "./answer.ts";
import { stampOf } from "./state.ts";

/** What happened, once or again and again. Times in milliseconds by the meter's clock. */
interface Alert {
  readonly id: string;
  readonly name: string;
  readonly detail: string;
  /** 0 … 7, the highest last. */
  readonly priority: number;
  readonly firstMs: number;
  lastMs: number;
  count: number;
  isAcknowledged: boolean;
}

/** Alerts that every meter can have. */
const BUILT_IN = {
  cfgchg: { name: "Configuration changed", priority: 2 },
  pxyup: { name: "Proxy connection established", priority: 1 },
  pxydn: { name: "Proxy connection lost", priority: 4 },
} as const;
const MOST = 50;

/** The log of alerts: an entry for each thing that happens, with how often and when. */
export class Alerts {
  #log: Alert[] = [];
  #drops = 0;

  /** Something happened, at a time of the meter's clock. */
  raise(id: keyof typeof BUILT_IN, atMs: number, detail = ""): void {
    const known = this.#log.find((alert) => alert.id === id);
    if (known) {
      Object.assign(known, { lastMs: atMs, count: known.count + 1, isAcknowledged: false });
      return;
    }
    this.#log.push({ id, ...BUILT_IN[id], detail, firstMs: atMs, lastMs: atMs, count: 1, isAcknowledged: false });
    while (this.#log.length > MOST) {
      this.#log.shift();
      this.#drops += 1;
    }
  }

  get waiting(): readonly string[] {
    return this.#log.filter(({ isAcknowledged }) => !isAcknowledged).map(({ id }) => id);
  }

  clear(): void {
    this.#log = [];
    this.#drops = 0;
  }

  /** @param query filters: `acked`, `ids`, `min_prio`, `after` */
  answer(method: string, query: string, body: unknown): Answer | undefined {
    const isMeant = filterOf(new URLSearchParams(query));
    switch (method) {
      case "GET":
        return { status: 200, body: { drops: this.#drops, log: this.#log.filter(isMeant).map(shown) } };
      case "POST":
        if (body !== "ack") return refusal("Invalid command.");
        for (const alert of this.#log.filter(isMeant)) alert.isAcknowledged = true;
        return OK;
      case "DELETE":
        this.#log = this.#log.filter((alert) => !isMeant(alert));
        return OK;
      default:
        return undefined;
    }
  }
}

function filterOf(query: URLSearchParams): (alert: Alert) => boolean {
  const [acked, ids, least, after] = ["acked", "ids", "min_prio", "after"].map((name) => query.get(name));
  return ({ id, isAcknowledged, priority, lastMs }) =>
    (acked == null || String(isAcknowledged) === acked) &&
    (ids == null || ids.split(",").includes(id)) &&
    priority >= Number(least ?? 0) &&
    lastMs > Number(after ?? 0) * 1000;
}

function shown({ id, name, detail, priority, firstMs, lastMs, count, isAcknowledged }: Alert): object {
  return {
    ...{ id, acked: isAcknowledged, prio: priority, count, first: stampOf(firstMs), last: stampOf(lastMs) },
    ...{ name, detail },
  };
}
