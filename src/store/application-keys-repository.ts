import type { Knex } from "knex";
import type { Database } from "./database.ts";

/** Public keys that keys are sealed with for an application of an organisation. */
export class ApplicationKeysRepository {
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#knex = database.knex;
  }

  /** @returns the public key in PEM */
  async find(organisation: string, application: string): Promise<string | undefined> {
    const row = await this.#knex("application_key").where({ organisation, application }).first("public_key");
    return row?.public_key;
  }

  /** Stores a key in the place of the one before, if any. */
  async put(organisation: string, application: string, publicKey: string): Promise<void> {
    await this.#knex.transaction(async (transaction) => {
      await transaction("application_key").where({ organisation, application }).delete();
      await transaction("application_key").insert({ organisation, application, public_key: publicKey });
    });
  }
}
