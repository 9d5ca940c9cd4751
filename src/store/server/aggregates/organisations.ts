import type { Organisation } from "../../../domain/organisation.ts";
import { type OrganisationsStore, organisationRecord } from "../../organisations.ts";
import type { Session } from "../session.ts";
import { writeEntries } from "./message-log.ts";

interface Row {
  readonly identification: string;
  readonly record: string;
}

function toOrganisation({ identification, record }: Row): Organisation {
  return { identification, ...JSON.parse(record) };
}

/** Tells other processes that their copies of rights are old. */
const COUNT_CHANGE = "update inventory_version set version = version + 1";

export function organisations(db: Session): OrganisationsStore {
  return {
    async find(identification) {
      const row = await db.get<Row>("select * from organisation where identification = ?", identification);
      return row && toOrganisation(row);
    },

    list: async () => (await db.all<Row>("select * from organisation order by identification")).map(toOrganisation),

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
