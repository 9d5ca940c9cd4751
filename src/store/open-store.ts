export { openSqliteStore as openStore, type SqliteSettings as StoreSettings } from "./sqlite/open-store.ts";
