import { describeStore } from "./conformance.ts";
import { describeStoreModel } from "./model.ts";
import { findPostgres, PostgresSchemas } from "./temporary-postgres.ts";

const found = await findPostgres();
if ("missing" in found) {
  describe("the store over PostgreSQL", () => {
    it(`is not tested here: ${found.missing}`, function () {
      this.skip();
    });
  });
} else {
  const schemas = new PostgresSchemas();
  describe(`PostgreSQL ${found.version}`, () => {
    after(() => schemas.close());
    describeStore("PostgreSQL", schemas.open);
    describeStoreModel("PostgreSQL", schemas.open, 8);
  });
}
