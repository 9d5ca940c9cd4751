import { describeStore } from "./conformance.ts";
import { describeStoreModel } from "./model.ts";
import { openTemporaryDatabase } from "./temporary-database.ts";

describeStore("SQLite", openTemporaryDatabase);
describeStoreModel("SQLite", openTemporaryDatabase);
