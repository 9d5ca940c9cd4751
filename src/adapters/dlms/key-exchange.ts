import { type CosemData, cosem } from "../../dlms/data.ts";
import { wrapKey } from "../../dlms/security.ts";
import type { Device, SecretType } from "../../domain/device.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { SecretPurpose } from "../../domain/family-ports.ts";
import { parseObis } from "../../lib/obis.ts";
import { loadKeys } from "./credentials.ts";
import type { DlmsDevice } from "./device.ts";
import { type OperationContext, requireSuccess } from "./execution.ts";
import { type AssociationKey, withNew } from "./key-recovery.ts";

/** global_key_transfer of the security setup (interface class 64). */
const GLOBAL_KEY_TRANSFER = { classId: 64, logicalName: parseObis("0.0.43.0.0.255"), method: 2 } as const;
const KEY_IDS: Readonly<Record<AssociationKey, number>> = {
  E_METER_ENCRYPTION_KEY_UNICAST: 0,
  E_METER_AUTHENTICATION_KEY: 2,
};
/** Where invocation counters go on after a key change, at least; and where they begin anew. */
const LOWEST_COUNTER_AFTER_CHANGE = 250;
/** SMR meters count the session of the change on from there. */
const COUNTER_AFTER_CHANGE_SMR = 254;

/** Why secrets are read here, for the audit. */
export function keyChangePurpose({ correlationUid }: Pick<OperationContext, "correlationUid">): SecretPurpose {
  return { purpose: "key change", correlationUid };
}

/** @throws MetergateError KEY_NOT_PRESENT */
export function requireKey(key: Uint8Array | null, device: Device, type: SecretType): Uint8Array {
  if (key) return key;
  throw new MetergateError("KEY_NOT_PRESENT", `${device.identification} has no ${type}`);
}

/**
 * The parameter of global_key_transfer for one key.
 * @param masterKey 16 octets; wraps the key (RFC 3394)
 * @param key 16 octets
 */
export function encodeKeyTransfer(type: AssociationKey, masterKey: Uint8Array, key: Uint8Array): CosemData {
  const wrapped = cosem.octetString(wrapKey(masterKey, key));
  return cosem.array([cosem.structure([cosem.enum(KEY_IDS[type]), wrapped])]);
}

/** Whether what is said to the meter goes ciphered over the network. */
export function isCiphered({ security }: DlmsDevice): boolean {
  return security.hls5Active || security.lls1Active;
}

/**
 * Changes the keys of the meter that is connected to, with the lock held and the association made first: then the
 * keys in use are those that the meter has, whatever an earlier change left behind.
 *
 * With an encryption key that the device never had, invocation counters begin anew. Under one that it had they go on
 * upwards, from 250 at least: key and counter together are the nonce.
 * @param change gets the master key, which wraps new ones
 * @throws MetergateError KEY_NOT_PRESENT; Snooze when another key change is under way
 */
export async function changeKeys(
  context: OperationContext,
  change: (masterKey: Uint8Array) => Promise<void>,
): Promise<void> {
  const { meter, device, counters, keys, keyLock } = context;
  const type = "E_METER_MASTER_KEY";
  await keyLock.during(async () => {
    const stored = await keys.vault.getActive(device.identification, type, keyChangePurpose(context));
    const masterKey = requireKey(stored, device, type);
    await meter.open();
    await change(masterKey);
    const current = (await counters.current(device.identification)) ?? 0;
    if (current < LOWEST_COUNTER_AFTER_CHANGE) await counters.raise(device.identification, LOWEST_COUNTER_AFTER_CHANGE);
  });
}

/**
 * Brings the new key of a type, which the vault holds, into the meter. When the answer gets lost the key stays new, and
 * the next association finds out which key the meter has.
 * @throws MetergateError DEVICE_REFUSED; the key stays new.
 */
export async function transferNewKey(
  context: OperationContext,
  masterKey: Uint8Array,
  type: AssociationKey,
): Promise<void> {
  const { meter, device, keys } = context;
  const { vault } = keys;
  const purpose = keyChangePurpose(context);
  const key = requireKey(await vault.getNew(device.identification, type, purpose), device, type);
  const cipherKeys = isCiphered(device) ? await loadKeys(device, withNew(vault, [type]), purpose) : undefined;
  const isFresh =
    type === "E_METER_ENCRYPTION_KEY_UNICAST" && !(await vault.hadBefore(device.identification, type, purpose));
  const { result } = await meter.action(GLOBAL_KEY_TRANSFER, encodeKeyTransfer(type, masterKey, key));
  requireSuccess(result, "AccessResultCode for replace keys was not SUCCESS: ");
  if (cipherKeys) meter.changeKeys(cipherKeys);
  await vault.activate(device.identification, [type]);
  if (!isFresh) return;
  await meter.restartCounter(device.protocol.name === "SMR" ? COUNTER_AFTER_CHANGE_SMR : LOWEST_COUNTER_AFTER_CHANGE);
}
