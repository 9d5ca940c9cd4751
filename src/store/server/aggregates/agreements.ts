import type { AgreementsStore } from "../../agreements.ts";
import type { Session } from "../session.ts";

export function agreements(db: Session): AgreementsStore {
  return {
    async agree(name, value) {
      await db.insertIfNew("agreement", { name }, { value });
      return (await db.get<{ value: string }>("select value from agreement where name = ?", name))!.value;
    },
    change: async (name, value) => db.upsert("agreement", { name }, { value }),
  };
}
