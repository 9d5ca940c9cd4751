import { MetergateError } from "../domain/errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { MessageLog } from "../message-log/message-log.ts";
import type { NewLogEntry } from "../store/message-log.ts";
import type { Delivery, NotificationsStore, StoredNotification } from "../store/notifications.ts";
import { addressesAllowed } from "./allow-list.ts";
import { CircuitBreakers } from "./circuit-breaker.ts";
import type { Exchanged, NotificationClient } from "./client.ts";

export interface SenderParts {
  readonly notifications: NotificationsStore;
  readonly messageLog: MessageLog;
  readonly client: Pick<NotificationClient, "send">;
  readonly clock: Clock;
  readonly logger: {
    info(context: Record<string, unknown>, text: string): void;
    warn(context: Record<string, unknown>, text: string): void;
    error(context: Record<string, unknown>, text: string): void;
  };
}

export interface SenderSettings {
  /** Wait after the first failure; it doubles with each further one. */
  readonly retryDelayMs: number;
}

/** How often one is sent again before it counts as dead: after 2, 4 and 8 minutes by default. */
const MOST_RETRIES = 3;
/** How often to look for what fell due or came from another process. */
const POLL_MS = 1_000;
/** Messages under way at the same time: to one target, and in all. A slow target takes no more than its share. */
const MOST_PER_TARGET = 4;
const MOST_IN_ALL = 64;

/**
 * Sends what is to be told, at least once: what was not acknowledged is sent again, and in the end counts
 * as dead. One node does so at a time; should two, some things are told twice.
 */
export class NotificationSender {
  readonly #parts: SenderParts;
  readonly #settings: SenderSettings;
  readonly #breakers: CircuitBreakers;
  /** Aborted while nothing is to be sent. */
  #stopping = AbortSignal.abort();
  #stop = () => {};
  /** What is under way, by id, and to which target. */
  readonly #underWay = new Map<number, { readonly target: string; readonly done: Promise<void> }>();
  #looking: Promise<void> | undefined;
  #again = false;
  #cancelTimer = () => {};

  constructor(parts: SenderParts, settings: SenderSettings) {
    this.#parts = parts;
    this.#settings = settings;
    this.#breakers = new CircuitBreakers(parts.clock);
  }

  start(): void {
    const stopping = new AbortController();
    this.#stopping = stopping.signal;
    this.#stop = () => stopping.abort();
    void this.wake();
  }

  /** There may be something to send; nothing is before the start. Resolves when it has been looked for; never rejects. */
  wake(): Promise<void> {
    if (this.#looking) this.#again = true;
    else if (!this.#stopping.aborted) this.#looking = this.#look();
    return this.#looking ?? Promise.resolve();
  }

  /** Ends what is under way, which is sent again after the next start. */
  async stop(): Promise<void> {
    this.#stop();
    this.#cancelTimer();
    await this.#looking;
    await Promise.all([...this.#underWay.values()].map(({ done }) => done));
  }

  async #look(): Promise<void> {
    const { clock, logger } = this.#parts;
    do {
      this.#again = false;
      this.#cancelTimer();
      if (this.#stopping.aborted) break;
      try {
        await this.#sendWhatIsDue();
      } catch (err) {
        logger.error({ err }, "notifications cannot be read; trying again later");
      }
      if (!this.#stopping.aborted) this.#cancelTimer = clock.after(POLL_MS, () => void this.wake());
    } while (this.#again);
    this.#looking = undefined;
  }

  async #sendWhatIsDue(): Promise<void> {
    const free = MOST_IN_ALL - this.#underWay.size;
    if (free <= 0) return;
    const full = [...this.#targets()].filter((target) => this.#room(target) <= 0);
    const due = await this.#parts.notifications.due(MOST_PER_TARGET + this.#underWay.size, full);
    for (const notification of due) {
      const target = targetOf(notification);
      if (this.#underWay.size >= MOST_IN_ALL || this.#underWay.has(notification.id) || this.#room(target) <= 0)
        continue;
      const done = this.#send(notification, target).finally(() => {
        this.#underWay.delete(notification.id);
        void this.wake();
      });
      this.#underWay.set(notification.id, { target, done });
    }
  }

  #targets(): Set<string> {
    return new Set([...this.#breakers.targets(), ...[...this.#underWay.values()].map(({ target }) => target)]);
  }

  #room(target: string): number {
    const underWay = [...this.#underWay.values()].filter((each) => each.target === target).length;
    return this.#breakers.room(target, MOST_PER_TARGET) - underWay;
  }

  async #send(notification: StoredNotification, target: string): Promise<void> {
    const { notifications, client, logger } = this.#parts;
    const { correlationUid, organisation, application, url, id, failures } = notification;
    const context = { correlationUid, organisation, application, url };
    try {
      const isAllowed = addressesAllowed(url, await notifications.allowed(organisation));
      const exchanged = isAllowed
        ? await client.send(notification, isAllowed, this.#stopping)
        : { error: new MetergateError("UNAUTHORIZED", `${url} is not within the allow-list of ${organisation}`) };
      // What was cut off by the stop is neither told nor refused.
      if (exchanged.error && this.#stopping.aborted) return;
      const delivery = this.#deliveryOf(notification, exchanged.error);
      await notifications.settle({ id, failures }, delivery, this.#entries(notification, exchanged));
      // Not before it is stored: what cannot be is sent again and again, which must not look like success.
      this.#count(target, exchanged.error);
      if (delivery.kind === "acknowledged") logger.info(context, "a notification was sent");
      else if (delivery.kind === "again")
        logger.info({ ...context, error: delivery.error }, "a notification will be sent again");
      else
        logger.warn(
          { ...context, error: delivery.error },
          "a notification is dead; metergate notifications replay sends it again",
        );
    } catch (err) {
      logger.error({ err, ...context }, "what became of a notification cannot be stored; it will be sent again");
      this.#breakers.failed(target);
    }
  }

  /** What we may not send is not the target's fault. */
  #count(target: string, error: MetergateError | undefined): void {
    if (!error) this.#breakers.succeeded(target);
    else if (error.code !== "UNAUTHORIZED" && error.code !== "INTERNAL") this.#breakers.failed(target);
  }

  #deliveryOf({ failures }: StoredNotification, error: MetergateError | undefined): Delivery {
    if (!error) return { kind: "acknowledged" };
    const { code, message } = error;
    const isFinal = code === "UNAUTHORIZED" || code === "INTERNAL" || failures >= MOST_RETRIES;
    if (isFinal) return { kind: "dead", error: message };
    const dueMs = this.#parts.clock.now() + this.#settings.retryDelayMs * 2 ** failures;
    return { kind: "again", dueMs, error: message };
  }

  /** The evidence: what was sent, and what was answered. */
  #entries(notification: StoredNotification, { request, answer }: Exchanged): NewLogEntry[] {
    const { organisation, application: applicationName, device, correlationUid } = notification;
    const common = {
      service: "SmartMeteringNotification",
      operation: "SendNotification",
      caller: { organisation, userName: "", applicationName },
      ...{ device, correlationUid },
    };
    const { messageLog } = this.#parts;
    const said = [
      { direction: "out", text: request },
      { direction: "in", text: answer },
    ] as const;
    return said.flatMap(({ direction, text }) =>
      text === undefined ? [] : [messageLog.prepare({ ...common, direction, body: Buffer.from(text) })],
    );
  }
}

/** What fails together: scheme, host and port. */
function targetOf({ url }: StoredNotification): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}
