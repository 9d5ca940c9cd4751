import { MetergateError } from "../domain/errors.ts";
import type { Organisation } from "../domain/organisation.ts";
import { type Clock, type Elapsed, since } from "../lib/clock.ts";

const MS_PER_SECOND = 1000;

/** What an organisation may still send at once; it fills up with time. */
interface Bucket {
  messages: number;
  filled: Elapsed;
}

export interface AdmissionOptions {
  findOrganisation(identification: string): Promise<Organisation | undefined>;
  readonly clock: Clock;
  /** Messages that an organisation may send within a second, where nothing else is said of it; 0 is no limit. */
  readonly messagesPerSecond: number;
}

/** Who may send a message at all, and how many: what comes before anything that the message asks for. */
export class Admission {
  readonly #options: AdmissionOptions;
  /** Of organisations that are known and have a limit. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Lets a message in. What is not known is nobody's to refuse here: each operation says it in its own way.
   * @throws MetergateError DISABLED_ORGANISATION; SERVICE_BUSY with the time after which to try again
   */
  async admit(identification: string): Promise<Organisation | undefined> {
    const organisation = await this.#options.findOrganisation(identification);
    if (!organisation) return undefined;
    if (!organisation.enabled) throw disabledOrganisation(identification);
    const perSecond = organisation.messagesPerSecond ?? this.#options.messagesPerSecond;
    if (perSecond === 0 || this.#take(identification, perSecond)) return organisation;
    const text = `Organisation ${identification} sends more than ${perSecond} messages within a second; send again later`;
    throw new MetergateError("SERVICE_BUSY", text, { context: { retryAfterSeconds: 1 } });
  }

  /** Takes one of the messages of this second. */
  #take(identification: string, perSecond: number): boolean {
    const { clock } = this.#options;
    const bucket = this.#buckets.get(identification) ?? { messages: perSecond, filled: clock.elapsed() };
    this.#buckets.set(identification, bucket);
    const more = (since(clock, bucket.filled) * perSecond) / MS_PER_SECOND;
    bucket.messages = Math.min(bucket.messages + more, perSecond);
    bucket.filled = clock.elapsed();
    if (bucket.messages < 1) return false;
    bucket.messages -= 1;
    return true;
  }
}

export function disabledOrganisation(identification: string): MetergateError {
  return new MetergateError("DISABLED_ORGANISATION", `Organisation ${identification} is disabled; ask the operator`);
}
