import { type CipherKeys, SECURITY_CONTROL, type SecurityControl } from "../../../dlms/security.ts";
import type { Device } from "../../../domain/device.ts";
import { loadKeys } from "../credentials.ts";
import { asDlmsDevice, type DlmsSecretType, type PushSecurity } from "../device.ts";
import type { SecretStore } from "../ports.ts";

const REQUIRED: Readonly<Record<PushSecurity, SecurityControl>> = {
  authenticated: SECURITY_CONTROL.authenticated,
  encrypted: SECURITY_CONTROL.encrypted,
  "authenticated-and-encrypted": SECURITY_CONTROL.authenticatedAndEncrypted,
};
/** The key whose counters ciphered pushes use. */
const PUSH_KEY: DlmsSecretType = "E_METER_ENCRYPTION_KEY_UNICAST";

/** A meter that may have sent a ciphered push. */
export interface PushSender {
  readonly device: string;
  readonly keys: CipherKeys;
  /** The encryption key among them. */
  readonly key: DlmsSecretType;
  readonly required: SecurityControl | undefined;
}

/** The part of the inventory in which senders are looked up. */
export interface SenderRecords {
  find(identification: string): Promise<Device | undefined>;
  findBySystemTitle(systemTitle: string): Promise<Device | undefined>;
}

/** Who pushes, and how it must be protected, by the inventory and the vault. */
export class PushSenders {
  readonly #inventory: SenderRecords;
  readonly #secrets: SecretStore;

  constructor(inventory: SenderRecords, secrets: SecretStore) {
    this.#inventory = inventory;
    this.#secrets = secrets;
  }

  /**
   * The meter that calls itself so in ciphered messages; undefined when no record, or more than one, says that.
   * @param systemTitle capital hexadecimal digits
   * @throws MetergateError KEY_NOT_PRESENT, INVALID_DLMS_KEY_FORMAT
   */
  async bySystemTitle(systemTitle: string): Promise<PushSender | undefined> {
    const device = await this.#inventory.findBySystemTitle(systemTitle);
    if (!device) return undefined;
    const keys = await loadKeys(asDlmsDevice(device), this.#secrets, { purpose: "push" });
    return { device: device.identification, keys, key: PUSH_KEY, required: requiredOf(device) };
  }

  /** The protection that pushes of a device must have at least; undefined when they may come in clear. */
  async requiredOf(device: string): Promise<SecurityControl | undefined> {
    const found = await this.#inventory.find(device);
    return found && requiredOf(found);
  }
}

function requiredOf(device: Device): SecurityControl | undefined {
  const { pushSecurity } = asDlmsDevice(device);
  return pushSecurity && REQUIRED[pushSecurity];
}
