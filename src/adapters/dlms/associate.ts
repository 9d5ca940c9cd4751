import { DlmsClient } from "../../dlms/client.ts";
import type { ClientSecurity, DlmsClientOptions } from "../../dlms/client-options.ts";
import { asNumber } from "../../dlms/data.ts";
import { HdlcApduLink } from "../../dlms/hdlc-apdu-link.ts";
import { MAX_INVOCATION_COUNTER } from "../../dlms/invocation-counter.ts";
import type { Link } from "../../dlms/link.ts";
import { WrapperClientLink } from "../../dlms/wrapper.ts";
import { type ErrorCode, MetergateError } from "../../domain/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { parseObis } from "../../lib/obis.ts";
import type { Random } from "../../lib/random.ts";
import { connectTcp } from "../../transport/tcp.ts";
import { type CounterBlock, CounterSupply, FIRST_BLOCK } from "./counter-supply.ts";
import { clientSystemTitle, loadSecurity, type Security, securityLevel } from "./credentials.ts";
import type { DlmsAddress, DlmsDevice } from "./device.ts";
import { MeterConnection } from "./meter-connection.ts";
import type { CounterStore, SecretStore } from "./ports.ts";

/** How long to wait for a meter, in milliseconds. */
export interface SessionTimeouts {
  /** Until it accepts the connection. */
  readonly connectTimeoutMs: number;
  /** Until it answers an APDU. */
  readonly responseTimeoutMs: number;
  /** The same for meters with LLS1, which are behind the slowest networks. */
  readonly lls1ResponseTimeoutMs: number;
}

/** What an association is made with. */
export interface AssociatorParts {
  readonly device: DlmsDevice;
  readonly secrets: SecretStore;
  readonly counters: CounterStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeouts: SessionTimeouts;
  readonly signal: AbortSignal;
  /** Called when the meter said something. */
  readonly heard?: (() => void) | undefined;
  /** Sees each plain APDU of a device that is debugged. */
  readonly onApdu?: DlmsClientOptions["onApdu"];
  /** Correlation UID of the request that this is for, for the audit of keys. */
  readonly correlationUid: string;
}

/** Client SAPs. */
const PUBLIC_CLIENT = 16;
const MANAGEMENT_CLIENT = 1;
/** Octets in the information field; one frame at a time, which every meter can. */
const HDLC_PARAMETERS = { maxInformationTransmit: 2030, maxInformationReceive: 2030 } as const;
/** Pushes of its own that a meter may send while it is asked something; a flood would keep everybody else waiting. */
const MOST_NOTIFICATIONS = 100;
/** Where a meter shows the management client's invocation counter to the public client. */
const COUNTER_ATTRIBUTE = { classId: 1, logicalName: parseObis("0.0.43.1.0.255"), attribute: 2 } as const;
/** The companion standards whose meters show it. */
const COUNTER_PROTOCOL = "SMR";
/** How far past ours a counter may be that the meter has not proved: more than it loses, less than would hurt. */
const MOST_AHEAD = 2 ** 20;
/** How a meter answers that does not show its counter. */
const NOT_SHOWN: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "AUTHENTICATION_ERROR",
  "AUTHENTICATION_REQUIRED",
  "CONNECTION_ESTABLISH_ERROR",
  "DEVICE_REFUSED",
  "ERROR_RETRIEVING_ATTRIBUTE_VALUE",
]);
/** AARE result. */
const REJECTED_PERMANENT = 1;

/** An address that one can connect to. */
type ReachableAddress = DlmsAddress & { readonly host: string };

/**
 * Connects to the device and associates as its record says. A meter that keeps count of our messages is asked for the
 * count when we do not know it, and once more when it does not let us in. What it tells before it has proved that it
 * holds the keys is tried once, and ours only when the association stands.
 * @throws MetergateError that tells why there is no association.
 */
export async function associate(parts: AssociatorParts): Promise<MeterConnection> {
  const { device, secrets, correlationUid } = parts;
  const address = requireAddress(device);
  const level = securityLevel(device);
  const keepsCount = level === "HLS5" && device.protocol.name === COUNTER_PROTOCOL;
  // All that has to be known and taken beforehand is asked for at once, which is one wait for the store.
  const [security, block] = await Promise.all([
    loadSecurity(device, secrets, { purpose: "association", correlationUid }),
    level === "LLS0" ? undefined : firstBlock(parts, keepsCount),
  ]);
  if (security.level === "HLS5" && address.useSn) {
    const text = `${device.identification} asks for HLS 5 with short names, which do not go together`;
    throw new MetergateError("UNSUPPORTED_COMMUNICATION_SETTING", text);
  }
  const isUnknown = keepsCount && !block;
  const first = supplyFor(parts, security, isUnknown ? await shownCounter(parts, address) : block);
  try {
    return await associateWith(parts, address, security, first);
  } catch (refusal) {
    if (!keepsCount || !mayBeCounter(refusal) || parts.signal.aborted) throw refusal;
    const told = await expectedCounter(parts, address, refusal);
    const second = supplyFor(parts, security, await requirePlausible(parts, refusal, first?.last, told));
    return associateWith(parts, address, security, second);
  }
}

/** Counters to begin with; undefined when the meter keeps count and we never knew it. */
function firstBlock({ counters, device }: AssociatorParts, keepsCount: boolean): Promise<CounterBlock | undefined> {
  return keepsCount
    ? counters.reserveKnown(device.identification, FIRST_BLOCK)
    : counters.reserve(device.identification, FIRST_BLOCK);
}

function supplyFor(
  { counters, device }: AssociatorParts,
  security: Security,
  begins?: number | CounterBlock,
): CounterSupply | undefined {
  return security.level === "LLS0" ? undefined : new CounterSupply(counters, device.identification, begins);
}

async function associateWith(
  parts: AssociatorParts,
  address: ReachableAddress,
  security: Security,
  counters: CounterSupply | undefined,
): Promise<MeterConnection> {
  const connection = await openConnection(parts, address, security, counters);
  await connection.associate();
  try {
    await counters?.prove();
    return connection;
  } catch (error) {
    await connection.release();
    throw error;
  }
}

function requireAddress({ dlms, ...device }: DlmsDevice): ReachableAddress {
  if (dlms?.host !== undefined) return { ...dlms, host: dlms.host };
  throw new MetergateError("INVALID_IP_ADDRESS", `${device.identification} has no network address`);
}

async function openConnection(
  parts: AssociatorParts,
  address: ReachableAddress,
  security: Security,
  counters: CounterSupply | undefined,
): Promise<MeterConnection> {
  const { clock, signal, timeouts, heard, onApdu } = parts;
  const { host, port, useSn } = address;
  const client = new DlmsClient({
    link: linkTo(address, security.level === "LLS0" ? PUBLIC_CLIENT : MANAGEMENT_CLIENT),
    security: clientSecurity(parts, security, counters),
    maxNotifications: MOST_NOTIFICATIONS,
    onApdu,
    referencing: useSn ? "short-name" : "logical-name",
  });
  const tcp = await connectTcp({ host, port, timeoutMs: timeouts.connectTimeoutMs }, clock, signal);
  const responseTimeoutMs = security.level === "LLS1" ? timeouts.lls1ResponseTimeoutMs : timeouts.responseTimeoutMs;
  return new MeterConnection({ tcp, client, counters, clock, responseTimeoutMs, signal, heard });
}

function linkTo({ logicalDevice, physicalDevice, useHdlc }: DlmsAddress, client: number): Link {
  if (!useHdlc) return new WrapperClientLink({ client, server: logicalDevice });
  const serverAddress = { upper: logicalDevice, lower: physicalDevice };
  return new HdlcApduLink({ role: "client", clientAddress: client, serverAddress, parameters: HDLC_PARAMETERS });
}

function clientSecurity(
  { device, random }: AssociatorParts,
  security: Security,
  counters: CounterSupply | undefined,
): ClientSecurity {
  if (security.level === "LLS0") return { type: "none" };
  const ciphering = {
    keys: security.keys,
    systemTitle: clientSystemTitle(device.identification),
    invocationCounter: counters!,
  };
  if (security.level === "LLS1") return { type: "lls", password: security.password, ciphering };
  return { type: "hls5", challenge: random.bytes(security.challengeLength), ciphering };
}

/**
 * The counter that a meter shows to the public client, over a connection of its own: some close TCP on release.
 * @returns why not, when the meter does not let the public client in or does not let it read the counter
 */
async function readCounter(parts: AssociatorParts, address: ReachableAddress): Promise<number | MetergateError> {
  const connection = await openConnection(parts, { ...address, useSn: false }, { level: "LLS0" }, undefined);
  try {
    await connection.associate();
    const response = await connection.request({ type: "get", attributes: [COUNTER_ATTRIBUTE] });
    const result = response.type === "get" ? response.results[0] : undefined;
    if (result && "data" in result) return asNumber(result.data, "invocation counter");
    throw new MetergateError(
      "ERROR_RETRIEVING_ATTRIBUTE_VALUE",
      `The meter does not show its invocation counter ${COUNTER_ATTRIBUTE.logicalName}: ${result?.error}`,
      { retry: result?.error === "temporary-failure" },
    );
  } catch (error) {
    if (error instanceof MetergateError && NOT_SHOWN.has(error.code)) return error;
    throw error;
  } finally {
    await connection.release();
  }
}

/**
 * Where to begin with a meter that was never talked to: where it says, or at 0 when it does not show its counter.
 * @throws MetergateError INVOCATION_COUNTER_EXHAUSTED, and what keeps the meter from being asked
 */
async function shownCounter(parts: AssociatorParts, address: ReachableAddress): Promise<number | undefined> {
  const shown = await readCounter(parts, address);
  if (typeof shown !== "number") return undefined;
  if (shown < MAX_INVOCATION_COUNTER) return nextAfter(shown);
  throw new MetergateError("INVOCATION_COUNTER_EXHAUSTED", `The meter shows the invocation counter ${shown}`);
}

/** What a meter shows is the last counter that it took, or the lowest that it will take; one more is right for both. */
function nextAfter(shown: number): number {
  return shown + 1;
}

/**
 * Whether what the meter tells can be why it refused, and is near enough to ours to be tried.
 * @param sent the counter that was refused
 * @returns a counter to try; undefined when ours has come there by itself
 * @throws MetergateError: the refusal, with both counters
 */
async function requirePlausible(
  { counters, device }: AssociatorParts,
  refusal: unknown,
  sent: number | undefined,
  told: number | MetergateError,
): Promise<number | undefined> {
  if (typeof told !== "number") throw withText(refusal, told.message);
  const ours = sent ?? 0;
  const both = `the meter tells the invocation counter ${told}, ours was ${ours}`;
  if (!(told > ours)) throw withText(refusal, both);
  if (told - ours > MOST_AHEAD) {
    const way = `devices counter ${device.identification} --raise ${told}`;
    throw withText(refusal, `${both}: too far ahead to be followed without proof. If it is right: metergate ${way}`);
  }
  const current = (await counters.current(device.identification)) ?? 0;
  return told > current ? told : undefined;
}

function withText(refusal: unknown, text: string): unknown {
  if (!(refusal instanceof MetergateError)) return refusal;
  const { code, message, context } = refusal;
  return new MetergateError(code, `${message}; ${text}`, { cause: refusal, context, retry: refusal.retry });
}

/** Whether a meter that does not let us in may have counted more of our messages than we know of. */
function mayBeCounter(thrown: unknown): boolean {
  if (!(thrown instanceof MetergateError)) return false;
  const { dlmsCode, result, diagnosticSource } = thrown.context;
  switch (dlmsCode) {
    case "remote/association-rejected":
      return result === REJECTED_PERMANENT && diagnosticSource === "acse-service-user";
    case "remote/exception-response":
    case "remote/service-error":
      return true;
    default:
      return ["SOCKET_CLOSED_BY_REMOTE", "CONNECTION_RESET", "RESPONSE_TIMEOUT"].includes(thrown.code);
  }
}

/** The refusal may tell the counter; otherwise the public client is shown it. Why not, when it is not. */
async function expectedCounter(
  parts: AssociatorParts,
  address: ReachableAddress,
  refusal: unknown,
): Promise<number | MetergateError> {
  const told = refusal instanceof MetergateError ? refusal.context.expectedInvocationCounter : undefined;
  if (typeof told === "number") return told;
  try {
    const shown = await readCounter(parts, address);
    return typeof shown === "number" ? nextAfter(shown) : shown;
  } catch (error) {
    if (error instanceof MetergateError && !parts.signal.aborted) return error;
    throw error;
  }
}
