import { type OrganisationsStore, organisationRecord } from "../../organisations.ts";
import { COUNT_CHANGE, type OrganisationRow, toOrganisation } from "../../rows/organisation.ts";
import type { Connection, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";

export function organisations(db: Connection): Synchronous<OrganisationsStore> {
  return {
    find(identification) {
      const row = db.get<OrganisationRow>("select * from organisation where identification = ?", identification);
      return row && toOrganisation(row);
    },

    list: () => db.all<OrganisationRow>("select * from organisation order by identification").map(toOrganisation),

    add(organisation, evidence) {
      const sql = "insert into organisation (identification, record) values (?, ?) on conflict do nothing";
      if (db.run(sql, organisation.identification, organisationRecord(organisation)) === 0) return false;
      writeEntries(db, evidence);
      return true;
    },

    replace(before, after, evidence) {
      const sql = "update organisation set record = ? where identification = ? and record = ?";
      if (db.run(sql, organisationRecord(after), before.identification, organisationRecord(before)) === 0) return false;
      writeEntries(db, evidence);
      return true;
    },

    grant({ device, organisation, functionGroup }, evidence) {
      const sql =
        "insert into device_authorisation (device, organisation, function_group) values (?, ?, ?) on conflict do nothing";
      if (db.run(sql, device, organisation, functionGroup) === 0) return false;
      db.run(COUNT_CHANGE);
      writeEntries(db, evidence);
      return true;
    },

    revoke({ device, organisation, functionGroup }, evidence) {
      const sql = "delete from device_authorisation where device = ? and organisation = ? and function_group = ?";
      if (db.run(sql, device, organisation, functionGroup) === 0) return false;
      db.run(COUNT_CHANGE);
      writeEntries(db, evidence);
      return true;
    },
  };
}
