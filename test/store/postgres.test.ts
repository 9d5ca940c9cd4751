import { describeStore } from "./conformance.ts";
import { postgresOrSkip } from "./temporary-postgres.ts";

postgresOrSkip("the store over PostgreSQL", ({ open }) => {
  describeStore("PostgreSQL", open);
});
