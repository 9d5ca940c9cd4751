import { DEVICE_REPORT } from "../../notifications.ts";
import { conditionOf, REPORT_COLUMNS, type ReportRow, type ReportsStore, toReport, valuesOf } from "../../reports.ts";
import type { Connection, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";
import { notifyOrganisation } from "./notifications.ts";

export function reports(db: Connection): Synchronous<ReportsStore> {
  return {
    keep(report, entries) {
      const marks = REPORT_COLUMNS.map(() => "?").join(", ");
      const sql = `insert into report (${REPORT_COLUMNS.join(", ")}) values (${marks})
        on conflict (device, digest) do nothing`;
      if (db.run(sql, ...valuesOf(report)) === 0) return false;
      const { correlationUid, organisation, device } = report;
      notifyOrganisation(db, { correlationUid, organisation, device, about: DEVICE_REPORT, result: "OK" });
      writeEntries(db, entries);
      return true;
    },
    find(query, { offset, limit }) {
      const { where, values } = conditionOf(query);
      const { count } = db.get<{ count: number }>(`select count(*) as count from report where ${where}`, ...values)!;
      const sql = `select * from report where ${where} order by at_ms desc, correlation_uid limit ? offset ?`;
      return { count, reports: db.all<ReportRow>(sql, ...values, limit, offset).map(toReport) };
    },
    purge: (beforeMs, limit) =>
      db.run(
        `delete from report where correlation_uid in
           (select correlation_uid from report where received_ms < ? order by received_ms limit ?)`,
        ...[beforeMs, limit],
      ),
  };
}
