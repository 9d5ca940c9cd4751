import { describeCopies } from "./copies.ts";
import { postgresOrSkip } from "./temporary-postgres.ts";

postgresOrSkip("a database that is copied", (schemas) => {
  describeCopies(async () => schemas.urlOf(await schemas.make()));
});
