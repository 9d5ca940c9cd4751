import type { SecretType } from "../../domain/device.ts";
import { type ErrorCode, MetergateError } from "../../domain/errors.ts";
import { parseObis } from "../../lib/obis.ts";
import { type AssociatorParts, associate } from "./associate.ts";
import type { KeyLock } from "./key-lock.ts";
import type { KeyStore } from "./key-ports.ts";
import type { MeterConnection } from "./meter-connection.ts";
import type { SecretStore } from "./ports.ts";

/** The keys that secure an association, in the order in which a key change brings them into the meter. */
export const ASSOCIATION_KEYS = ["E_METER_AUTHENTICATION_KEY", "E_METER_ENCRYPTION_KEY_UNICAST"] as const;
export type AssociationKey = (typeof ASSOCIATION_KEYS)[number];

const [AUTHENTICATION, ENCRYPTION] = ASSOCIATION_KEYS;

/**
 * What a cut key change can leave in a meter besides the keys in use: the authentication key goes first, so it is
 * likeliest to be there alone.
 */
const CANDIDATES: readonly (readonly AssociationKey[])[] = [
  [AUTHENTICATION],
  [AUTHENTICATION, ENCRYPTION],
  [ENCRYPTION],
];

/**
 * How a meter shows that it cannot make sense of us: some refuse, some hang up, some are silent. Then its counter is
 * asked for; one that took a new encryption key may count from 0 again and show a lower counter than ours, or none.
 */
const KEY_DOUBTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "AUTHENTICATION_ERROR",
  "AUTHENTICATION_REQUIRED",
  "CONNECTION_ESTABLISH_ERROR",
  "CONNECTION_RESET",
  "SOCKET_CLOSED_BY_REMOTE",
  "UNABLE_TO_DECYPHER",
  "ILLEGAL_RESPONSE",
  "RESPONSE_TIMEOUT",
  "UNKNOWN_ASSOCIATION_RESULT",
  "DEVICE_REFUSED",
  "ATTEMPT_TO_LOWER_INVOCATION_COUNTER",
  "ERROR_RETRIEVING_ATTRIBUTE_VALUE",
]);

/** Any attribute that every meter has: an answer to it that deciphers proves the keys. */
const CLOCK_TIME = { classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2 } as const;

export interface KeyRecoveryParts extends Omit<AssociatorParts, "secrets"> {
  readonly secrets: KeyStore;
  readonly keyLock: KeyLock;
}

/** The secrets of a store as they are once the new ones of these types are in use. */
export function withNew(store: KeyStore, types: readonly SecretType[]): SecretStore {
  return {
    getActive: (device, type, purpose) =>
      types.includes(type) ? store.getNew(device, type, purpose) : store.getActive(device, type, purpose),
    getTogether: (device, wanted, purpose) => {
      const changed = wanted.map(({ type, state }) => ({ type, state: types.includes(type) ? "NEW" : state }) as const);
      return store.getTogether(device, changed, purpose);
    },
  };
}

/**
 * Associates with the keys that the meter has. When the ones in use do not fit and a key change did not come to its
 * end, its new keys are tried; those that fit become the ones in use. This is done at once: the change was cut, so
 * nothing else is under way that waiting would help.
 * @throws Snooze when a key change is under way in another process; MetergateError that tells why there is no
 * association with the keys in use.
 */
export async function associateAfterKeyChange(parts: KeyRecoveryParts): Promise<MeterConnection> {
  const { secrets, device } = parts;
  const proves = needsProof(parts) && (await secrets.hasNew(device.identification, ASSOCIATION_KEYS));
  try {
    return await associateWith(parts, secrets, proves);
  } catch (error) {
    if (!raisesDoubt(parts, error) || !(await secrets.hasNew(device.identification, ASSOCIATION_KEYS))) throw error;
    return parts.keyLock.during(() => recover(parts, error));
  }
}

async function recover(parts: KeyRecoveryParts, doubt: unknown): Promise<MeterConnection> {
  const { secrets, device } = parts;
  for (const types of CANDIDATES) {
    if (!(await haveAllNew(secrets, device.identification, types))) continue;
    let connection: MeterConnection;
    try {
      connection = await associateWith(parts, withNew(secrets, types), needsProof(parts));
    } catch (error) {
      if (!raisesDoubt(parts, error)) throw error;
      continue;
    }
    return releasing(connection, () => secrets.activate(device.identification, types));
  }
  throw doubt;
}

async function haveAllNew(secrets: KeyStore, device: string, types: readonly SecretType[]): Promise<boolean> {
  for (const type of types) if (!(await secrets.hasNew(device, [type]))) return false;
  return true;
}

async function associateWith(parts: KeyRecoveryParts, secrets: SecretStore, proves: boolean): Promise<MeterConnection> {
  const connection = await associate({ ...parts, secrets });
  if (!proves) return connection;
  return releasing(connection, () => connection.request({ type: "get", attributes: [CLOCK_TIME] }));
}

/** The connection, released when what has to be done first fails. */
async function releasing(connection: MeterConnection, work: () => Promise<unknown>): Promise<MeterConnection> {
  try {
    await work();
    return connection;
  } catch (error) {
    await connection.release();
    throw error;
  }
}

/** With a password the meter lets us in whatever our keys are; the first ciphered request shows. */
function needsProof({ device }: KeyRecoveryParts): boolean {
  return !device.security.hls5Active && device.security.lls1Active && !device.dlms?.useSn;
}

function raisesDoubt({ signal }: KeyRecoveryParts, error: unknown): boolean {
  return error instanceof MetergateError && KEY_DOUBTS.has(error.code) && !signal.aborted;
}
