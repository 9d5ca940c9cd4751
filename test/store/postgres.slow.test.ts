import { describeStoreModel } from "./model.ts";
import { postgresOrSkip } from "./temporary-postgres.ts";

postgresOrSkip("the store over PostgreSQL", ({ open }) => describeStoreModel("PostgreSQL", open, 20));
