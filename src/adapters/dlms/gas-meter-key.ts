import { type CosemData, cosem } from "../../dlms/data.ts";
import type { Device } from "../../domain/device.ts";
import { MetergateError } from "../../domain/errors.ts";
import { fromHex } from "../../lib/bytes.ts";
import { sleep } from "../../lib/clock.ts";
import { type MbusIdentity, mbusOf } from "../../operations/mbus.ts";
import type { ChangeableDevice } from "../run-actions.ts";
import { type OperationContext, requireSuccess } from "./execution.ts";
import { isCiphered, keyChangePurpose, requireKey } from "./key-exchange.ts";
import { KeyLock } from "./key-lock.ts";
import { encryptKeySmr5, encryptUserKeyDsmr4, keyChangeCounterAt, MBUS_KEY_IDS, type MbusKeyType } from "./mbus-key.ts";
import { findObject, formatProtocol, methodOf, type Profile } from "./profiles/index.ts";

/** Methods of the M-Bus client (interface class 72), with the names that callers know. */
const METHODS = { DATA_SEND: 6, SET_ENCRYPTION_KEY: 7, TRANSFER_KEY: 8 } as const;
/** M-Bus data record in which a wrapped key goes to the device: data information field, value information field. */
const KEY_RECORD_DIF = fromHex("0D");
const KEY_RECORD_VIF = fromHex("FD19");
/** An optical port with this key is closed. */
const CLOSING_KEY = new Uint8Array(16);

/** Which key of which M-Bus device is to change. */
export interface GasMeterKeyChange {
  readonly gasMeter: ChangeableDevice;
  /** Of the meter that is connected to, 1 … 4. */
  readonly channel: number;
  readonly type: MbusKeyType;
  /** Closes the optical port instead of giving it another key. */
  readonly closes: boolean;
}

/** Why keys of no type can be brought into M-Bus devices behind meters of this profile; undefined when some can. */
export function whyNoKeyExchange(profile: Profile): string | undefined {
  const isSupported = isSmr5(profile) || takesUserKeyOnly(profile);
  return isSupported ? undefined : unsupported(profile, "of any kind");
}

function isSmr5({ protocol }: Profile): boolean {
  return protocol.name === "SMR" && protocol.version.startsWith("5.");
}

function takesUserKeyOnly({ protocol }: Profile): boolean {
  return formatProtocol(protocol) === "DSMR 4.2.2";
}

function unsupported({ protocol }: Profile, type: string): string {
  return `Unsupported combination of protocol ${formatProtocol(protocol)} and key type ${type} in request to set key on g-meter`;
}

/**
 * Brings a new key into an M-Bus device.
 *
 * The device cannot be asked which key it has: the meter's encryption key status tells that one was set, but not which.
 * So a new key that waits in the vault is sent again, never another one: whatever part of an attempt before arrived,
 * afterwards device, meter and vault have the same key.
 * @throws MetergateError DEVICE_REFUSED; the key stays new then
 */
export async function setGasMeterKey(context: OperationContext, change: GasMeterKeyChange): Promise<void> {
  const { profile, device, keys } = context;
  const { gasMeter, type } = change;
  if (!isSmr5(profile) && !(takesUserKeyOnly(profile) && type === "G_METER_ENCRYPTION_KEY")) {
    throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", unsupported(profile, type));
  }
  if (!isCiphered(device)) {
    const text = `${device.identification} is not connected to securely; a key would be sent in clear`;
    throw new MetergateError("UNSUPPORTED_COMMUNICATION_SETTING", text);
  }
  await new KeyLock(keys.keyProcessing, gasMeter.identification, context).during(async () => {
    const masterKey = await readMasterKey(context, gasMeter);
    if (change.closes) await send(context, change, masterKey, CLOSING_KEY);
    else if (!(await isDone(context, change))) {
      await send(context, change, masterKey, await newKey(context, change));
      await keys.vault.activate(gasMeter.identification, [type]);
    }
  });
}

/** The key that the device was delivered with; it wraps new ones. @throws MetergateError KEY_NOT_PRESENT */
async function readMasterKey(context: OperationContext, gasMeter: Device): Promise<Uint8Array> {
  const type = "G_METER_MASTER_KEY";
  const stored = await context.keys.vault.getActive(gasMeter.identification, type, keyChangePurpose(context));
  return requireKey(stored, gasMeter, type);
}

/** Whether an attempt before came to its end, and only could not tell. */
async function isDone({ keys, actionId }: OperationContext, { gasMeter, type }: GasMeterKeyChange): Promise<boolean> {
  const brought = await keys.vault.broughtBy(gasMeter.identification, actionId);
  return brought.some((secret) => secret.type === type && (secret.state === "ACTIVE" || secret.state === "EXPIRED"));
}

async function newKey(context: OperationContext, { gasMeter, type }: GasMeterKeyChange): Promise<Uint8Array> {
  const { meter, keys, actionId } = context;
  const { vault } = keys;
  await meter.open();
  if (!(await vault.hasNew(gasMeter.identification, [type]))) {
    await vault.generateAndStoreNew(gasMeter.identification, [type], actionId);
  }
  return requireKey(await vault.getNew(gasMeter.identification, type, keyChangePurpose(context)), gasMeter, type);
}

/** Sends a key, and waits until the meter has acknowledged all of it. */
async function send(
  context: OperationContext,
  { gasMeter, channel, type }: GasMeterKeyChange,
  masterKey: Uint8Array,
  key: Uint8Array,
): Promise<void> {
  const { profile } = context;
  const encrypted = takesUserKeyOnly(profile)
    ? encryptUserKeyDsmr4(masterKey, key)
    : encryptKeySmr5(masterKey, key, MBUS_KEY_IDS[type], await nextKeyChangeCounter(context), requireMbus(gasMeter));
  const call = async (name: keyof typeof METHODS, parameters: CosemData) => {
    const method = methodOf(findObject(profile, "MBUS_CLIENT_SETUP", channel), METHODS[name]);
    const { result } = await context.meter.action(method, parameters);
    requireSuccess(result, `Error while executing ${name}. Reason = `);
  };
  if (type === "G_METER_ENCRYPTION_KEY") {
    await call("TRANSFER_KEY", cosem.octetString(encrypted));
    await call("SET_ENCRYPTION_KEY", cosem.octetString(key));
  } else await call("DATA_SEND", encodeKeyRecord(encrypted));
}

/**
 * The parameter of data_send that brings a key to the device.
 * @param encrypted see `encryptKeySmr5`
 */
export function encodeKeyRecord(encrypted: Uint8Array): CosemData {
  const record = [KEY_RECORD_DIF, KEY_RECORD_VIF, encrypted].map((octets) => cosem.octetString(octets));
  return cosem.array([cosem.structure(record)]);
}

/**
 * A counter that no other transfer to the device has: waits for the next second, so that what went before had another
 * one. Two keys under the same counter would share a GCM nonce, and the device takes only a higher one.
 */
async function nextKeyChangeCounter({ clock, meter }: OperationContext): Promise<number> {
  await sleep(clock, 1000 - (clock.now() % 1000), meter.signal);
  return keyChangeCounterAt(clock.now());
}

function requireMbus(gasMeter: Device): MbusIdentity {
  const mbus = mbusOf(gasMeter);
  if (mbus) return mbus;
  throw new MetergateError("VALIDATION_ERROR", `${gasMeter.identification} has no M-Bus identification in its record`);
}
