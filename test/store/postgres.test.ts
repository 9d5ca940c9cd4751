import { describeStore } from "./conformance.ts";
import { describeStoreModel } from "./model.ts";
import { postgresOrSkip } from "./temporary-postgres.ts";

postgresOrSkip("the store over PostgreSQL", ({ open }) => {
  describeStore("PostgreSQL", open);
  describeStoreModel("PostgreSQL", open, 8);
});
