import type { AgreementsStore } from "./agreements.ts";
import type { DevicesStore } from "./devices.ts";
import type { StoreError } from "./errors.ts";
import type { FirmwareStore } from "./firmware.ts";
import type { LeasesStore } from "./leases.ts";
import type { MessageLogStore } from "./message-log.ts";
import type { NotificationsStore } from "./notifications.ts";
import type { OrganisationsStore } from "./organisations.ts";
import type { PermitsStore } from "./permits.ts";
import type { PushesStore } from "./pushes.ts";
import type { ReplaysStore } from "./replays.ts";
import type { ReportsStore } from "./reports.ts";
import type { RequestsStore } from "./requests.ts";
import type { SecretsStore } from "./secrets.ts";
import type { SystemEventsStore } from "./system-events.ts";

/**
 * Where everything is kept that outlives the process: one port per aggregate, written natively per database. A write
 * rejects with MetergateError SERVICE_BUSY when it could not be made, and then nothing of it was kept; whether trying
 * again can help, the store has tried. What is read is plain data, and the reader's own.
 */
export interface Store {
  readonly requests: RequestsStore;
  readonly messageLog: MessageLogStore;
  readonly devices: DevicesStore;
  readonly organisations: OrganisationsStore;
  readonly secrets: SecretsStore;
  readonly firmware: FirmwareStore;
  readonly pushes: PushesStore;
  readonly notifications: NotificationsStore;
  readonly systemEvents: SystemEventsStore;
  readonly replays: ReplaysStore;
  readonly reports: ReportsStore;
  readonly leases: LeasesStore;
  readonly permits: PermitsStore;
  readonly agreements: AgreementsStore;
  /**
   * Calls `listener` when there may be something to claim that was not there before: at once for what this process
   * accepted, within a second or so for what others did. Never for the passing of time.
   * @returns a function that ends it
   */
  onWake(listener: () => void): () => void;
  /** Calls `listener` once when the store can keep nothing any more, with the reason in words for an operator. */
  onFailure(listener: (reason: StoreError) => void): void;
  /** Takes nothing more and waits until what was submitted is written. */
  close(): Promise<void>;
}
