import type { DeviceReport, KeptReport, ReportSearch } from "../domain/device-report.ts";
import { MetergateError } from "../domain/errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { sha256Hex } from "../lib/sha256.ts";
import type { MessageLog } from "../message-log/message-log.ts";
import type { ReportsStore } from "../store/reports.ts";

export interface DeviceReportsOptions {
  readonly reports: ReportsStore;
  readonly messageLog: MessageLog;
  /** The organisation that owns a device; undefined when the device is unknown or nobody's. */
  readonly ownerOf: (device: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly random: Random;
}

const REPORTS_PER_PAGE = 50;

/** Keeps what devices report by themselves, once each, and gives it to the organisation that owns the device. */
export class DeviceReports {
  readonly #options: DeviceReportsOptions;

  constructor(options: DeviceReportsOptions) {
    this.#options = options;
  }

  /**
   * Resolves when the report is durable, so that whoever sent it may forget it.
   * @returns whether it was kept now: not one that was kept before, nor one of a device that is nobody's
   */
  async receive({ device, kind, atMs, content, message }: DeviceReport): Promise<boolean> {
    const { reports, messageLog, ownerOf, clock, random } = this.#options;
    const organisation = await ownerOf(device);
    if (organisation === undefined) return false;
    const correlationUid = random.uuid().replaceAll("-", "");
    const entry = messageLog.prepare({
      ...{ direction: "from-device", service: "report", operation: kind, device, correlationUid, body: message },
      caller: { organisation, userName: "", applicationName: "" },
    });
    const digest = sha256Hex(message);
    const report = { correlationUid, organisation, device, kind, atMs, receivedMs: clock.now(), digest, content };
    return reports.keep(report, [entry]);
  }

  /**
   * A page of what a device reported to who owns it now, the newest first.
   * @throws MetergateError NOT_FOUND when there is no such page; the first one may be empty
   */
  async find(
    device: string,
    { page, ...search }: ReportSearch,
  ): Promise<{ readonly pages: number; readonly reports: readonly KeptReport[] }> {
    const organisation = (await this.#options.ownerOf(device)) ?? "";
    const range = { offset: page * REPORTS_PER_PAGE, limit: REPORTS_PER_PAGE };
    const { count, reports } = await this.#options.reports.find({ device, organisation, ...search }, range);
    const pages = Math.ceil(count / REPORTS_PER_PAGE);
    if (page > 0 && page >= pages) {
      throw new MetergateError("NOT_FOUND", `There is no page ${page} of what ${device} reported: there are ${pages}`);
    }
    return { pages, reports };
  }
}
