import type { SecretPurpose, SecretVault } from "../../domain/family-ports.ts";
import type { EkmMeter } from "./device.ts";

const TYPE = "EKM_METER_PASSWORD";
/** What a meter is delivered with. */
const USUAL = "00000000";

const textOf = (octets: Uint8Array | null) => (octets ? Buffer.from(octets).toString("ascii") : undefined);

/** The passwords of a meter: the one in use, and the one of a change whose end is not known. */
export class MeterPasswords {
  #active: string;
  #next: string | undefined;
  readonly #vault: SecretVault;
  readonly #meter: EkmMeter;
  readonly #purpose: SecretPurpose;
  readonly #known: string[];

  private constructor(vault: SecretVault, meter: EkmMeter, purpose: SecretPurpose, active: string) {
    this.#vault = vault;
    this.#meter = meter;
    this.#purpose = purpose;
    this.#active = active;
    this.#known = [active];
  }

  static async open(vault: SecretVault, meter: EkmMeter, correlationUid: string): Promise<MeterPasswords> {
    const purpose = { purpose: "command to an EKM meter", correlationUid };
    const active = textOf(await vault.getActive(meter.identification, TYPE, purpose));
    return new MeterPasswords(vault, meter, purpose, active ?? USUAL);
  }

  /** Eight digits. */
  get active(): string {
    return this.#active;
  }

  /** All that were used, to be kept out of texts; the one on delivery is published. */
  known(): readonly string[] {
    return this.#known.filter((password) => password !== USUAL);
  }

  /** The one that the meter may have taken without anybody having heard; undefined when there is none. */
  async next(): Promise<string | undefined> {
    const { identification } = this.#meter;
    if (!(await this.#vault.hasNew(identification, [TYPE]))) return undefined;
    this.#next = textOf(await this.#vault.getNew(identification, TYPE, this.#purpose));
    if (this.#next !== undefined) this.#known.push(this.#next);
    return this.#next;
  }

  /** The meter has taken it. */
  async nextIsInUse(): Promise<void> {
    await this.#vault.activate(this.#meter.identification, [TYPE]);
    this.#active = this.#next ?? this.#active;
  }

  /** Keeps a password that a meter is about to be given. */
  async bring(password: string, action: string): Promise<void> {
    this.#known.push(password);
    this.#next = password;
    const value = Buffer.from(password, "ascii");
    await this.#vault.storeNew(this.#meter.identification, [{ type: TYPE, value }], action);
  }

  /** What became of the password that an earlier attempt of an action brought; undefined when none did. */
  async broughtBy(action: string): Promise<"NEW" | "ACTIVE" | "EXPIRED" | "WITHDRAWN" | undefined> {
    const brought = await this.#vault.broughtBy(this.#meter.identification, action);
    return brought.find(({ type }) => type === TYPE)?.state;
  }
}
