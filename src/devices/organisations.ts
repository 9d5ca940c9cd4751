import { MetergateError } from "../domain/errors.ts";
import type { Organisation } from "../domain/organisation.ts";
import { type Clock, type Elapsed, since } from "../lib/clock.ts";
import type { NewLogEntry } from "../store/message-log.ts";
import type { OrganisationsStore } from "../store/organisations.ts";

/** How old a copy may be. */
const BELIEVED_MS = 1000;

/** What an operator can change of an organisation; what is undefined is the service's setting again. */
export type OrganisationChange = Partial<Omit<Organisation, "identification">>;

/** Who may ask. Every message asks it. */
export class Organisations {
  readonly #store: OrganisationsStore;
  readonly #clock: Clock;
  /** Those that there are; nobody can fill it with names that he makes up. */
  readonly #copies = new Map<string, { readonly organisation: Organisation; readonly read: Elapsed }>();

  constructor(store: OrganisationsStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** What another process changed is seen after a second at the latest, an organisation that it added at once. */
  async find(identification: string): Promise<Organisation | undefined> {
    const copy = this.#copies.get(identification);
    if (copy && since(this.#clock, copy.read) < BELIEVED_MS) return copy.organisation;
    const read = this.#clock.elapsed();
    const organisation = await this.#store.find(identification);
    if (organisation) this.#copies.set(identification, { organisation, read });
    else this.#copies.delete(identification);
    return organisation;
  }

  async isOrganisationKnown(identification: string): Promise<boolean> {
    return (await this.find(identification)) !== undefined;
  }

  /** Whether it is known and not disabled. */
  async isEnabled(identification: string): Promise<boolean> {
    return (await this.find(identification))?.enabled === true;
  }

  /**
   * Changes what is known of an organisation.
   * @throws MetergateError UNKNOWN_ORGANISATION
   */
  async change(
    identification: string,
    change: OrganisationChange,
    evidence: readonly NewLogEntry[],
  ): Promise<Organisation> {
    for (;;) {
      const before = await this.#store.find(identification);
      if (!before) throw unknownOrganisation(identification);
      const after = { ...before, ...change };
      // Somebody else may have changed it meanwhile: then once more, over what is there now.
      if (await this.#store.replace(before, after, evidence)) return after;
    }
  }
}

/** For operators, who registers it. */
export function unknownOrganisation(identification: string): MetergateError {
  const text = `there is no organisation ${identification}; add it with metergate organisations add`;
  return new MetergateError("UNKNOWN_ORGANISATION", text);
}
