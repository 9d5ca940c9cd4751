import { type OrganisationsStore, organisationRecord } from "../../organisations.ts";
import { COUNT_CHANGE, type OrganisationRow, toOrganisation } from "../../rows/organisation.ts";
import type { Session } from "../session.ts";
import { writeEntries } from "./message-log.ts";

export function organisations(db: Session): OrganisationsStore {
  return {
    async find(identification) {
      const row = await db.get<OrganisationRow>("select * from organisation where identification = ?", identification);
      return row && toOrganisation(row);
    },

    list: async () =>
      (await db.all<OrganisationRow>("select * from organisation order by identification")).map(toOrganisation),

    async add(organisation, evidence) {
      const { identification } = organisation;
      if (!(await db.insertIfNew("organisation", { identification }, { record: organisationRecord(organisation) })))
        return false;
      writeEntries(db, evidence);
      return true;
    },

    async replace(before, after, evidence) {
      const sql = "update organisation set record = ? where identification = ? and record = ?";
      if ((await db.run(sql, organisationRecord(after), before.identification, organisationRecord(before))) === 0)
        return false;
      writeEntries(db, evidence);
      return true;
    },

    async grant({ device, organisation, functionGroup }, evidence) {
      const keys = { device, organisation, function_group: functionGroup };
      if (!(await db.insertIfNew("device_authorisation", keys))) return false;
      await db.run(COUNT_CHANGE);
      writeEntries(db, evidence);
      return true;
    },

    async revoke({ device, organisation, functionGroup }, evidence) {
      const sql = "delete from device_authorisation where device = ? and organisation = ? and function_group = ?";
      if ((await db.run(sql, device, organisation, functionGroup)) === 0) return false;
      await db.run(COUNT_CHANGE);
      writeEntries(db, evidence);
      return true;
    },
  };
}
