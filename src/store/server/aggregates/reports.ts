import { DEVICE_REPORT } from "../../notifications.ts";
import { conditionOf, REPORT_COLUMNS, type ReportRow, type ReportsStore, toReport, valuesOf } from "../../reports.ts";
import { AT_MOST, type Session } from "../session.ts";
import { writeEntries } from "./message-log.ts";
import { notifyOrganisation } from "./notifications.ts";

export function reports(db: Session): ReportsStore {
  return {
    async keep(report, entries) {
      const { correlationUid, organisation, device, digest } = report;
      // It may come to two nodes at the same time.
      db.lock(`report ${device} ${digest}`);
      const known = await db.get("select 1 as known from report where device = ? and digest = ?", device, digest);
      if (known) return false;
      db.insert("report", [...REPORT_COLUMNS], [valuesOf(report)]);
      await notifyOrganisation(db, { correlationUid, organisation, device, about: DEVICE_REPORT, result: "OK" });
      await writeEntries(db, entries);
      return true;
    },
    async find(query, { offset, limit }) {
      const { where, values } = conditionOf(query);
      const counted = await db.get<{ number: number }>(
        `select count(*) as number from report where ${where}`,
        ...values,
      );
      const sql = `select * from report where ${where} order by at_ms desc, correlation_uid
        offset (?) rows fetch next (?) rows only`;
      const rows = await db.all<ReportRow>(sql, ...values, offset, limit);
      return { count: Number(counted!.number), reports: rows.map(toReport) };
    },
    purge: (beforeMs, limit) =>
      db.run(
        `delete from report where correlation_uid in
           (select correlation_uid from report where received_ms < ? order by received_ms
            ${AT_MOST})`,
        ...[beforeMs, limit],
      ),
  };
}
