import type { AgreementsStore } from "../../agreements.ts";
import type { Connection, Synchronous } from "../connection.ts";

export function agreements(db: Connection): Synchronous<AgreementsStore> {
  return {
    agree(name, value) {
      db.run("insert into agreement (name, value) values (?, ?) on conflict do nothing", name, value);
      return db.get<{ value: string }>("select value from agreement where name = ?", name)!.value;
    },
    change(name, value) {
      db.run("insert or replace into agreement (name, value) values (?, ?)", name, value);
    },
  };
}
