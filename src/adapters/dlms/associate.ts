import { DlmsClient } from "../../dlms/client.ts";
import type { ClientSecurity } from "../../dlms/client-options.ts";
import { asNumber } from "../../dlms/data.ts";
import { HdlcApduLink } from "../../dlms/hdlc-apdu-link.ts";
import { MAX_INVOCATION_COUNTER } from "../../dlms/invocation-counter.ts";
import type { Link } from "../../dlms/link.ts";
import { WrapperClientLink } from "../../dlms/wrapper.ts";
import type { Device, DlmsAddress } from "../../domain/device.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { Clock } from "../../lib/clock.ts";
import { parseObis } from "../../lib/obis.ts";
import type { Random } from "../../lib/random.ts";
import { connectTcp } from "../../transport/tcp.ts";
import { CounterSupply, LARGEST_BLOCK } from "./counter-supply.ts";
import { clientSystemTitle, loadSecurity, type Security } from "./credentials.ts";
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
  readonly device: Device;
  readonly secrets: SecretStore;
  readonly counters: CounterStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeouts: SessionTimeouts;
  readonly signal: AbortSignal;
  /** Called when the meter said something. */
  readonly heard?: (() => void) | undefined;
  /** Correlation UID of the request that this is for, for the audit of keys. */
  readonly correlationUid: string;
}

/** Client SAPs. */
const PUBLIC_CLIENT = 16;
const MANAGEMENT_CLIENT = 1;
/** Octets in the information field; one frame at a time, which every meter can. */
const HDLC_PARAMETERS = { maxInformationTransmit: 2030, maxInformationReceive: 2030 } as const;
/** Where a meter shows the management client's invocation counter to the public client. */
const COUNTER_ATTRIBUTE = { classId: 1, logicalName: parseObis("0.0.43.1.0.255"), attribute: 2 } as const;
/** The companion standards whose meters show it. */
const COUNTER_PROTOCOL = "SMR";
/** AARE result. */
const REJECTED_PERMANENT = 1;

/**
 * Connects to the device and associates as its record says. A meter that keeps count of our messages is asked for the
 * count when we do not know it, and once more when it does not let us in.
 * @throws MetergateError that tells why there is no association.
 */
export async function associate(parts: AssociatorParts): Promise<MeterConnection> {
  const { device, counters, secrets, correlationUid } = parts;
  const address = requireAddress(device);
  const security = await loadSecurity(device, secrets, { purpose: "association", correlationUid });
  if (security.level === "HLS5" && address.useSn) {
    const text = `${device.identification} asks for HLS 5 with short names, which do not go together`;
    throw new MetergateError("UNSUPPORTED_COMMUNICATION_SETTING", text);
  }
  const keepsCount = security.level === "HLS5" && device.protocol.name === COUNTER_PROTOCOL;
  if (keepsCount && (await counters.current(device.identification)) === null) {
    await adoptCounter(parts, nextAfter(await readCounter(parts, address)));
  }
  const connection = await openConnection(parts, address, security);
  try {
    await connection.associate();
    return connection;
  } catch (thrown) {
    if (!keepsCount || !mayBeCounter(thrown) || parts.signal.aborted) throw thrown;
    if (!(await adoptCounter(parts, await expectedCounter(parts, address, thrown)))) throw thrown;
  }
  const second = await openConnection(parts, address, security);
  await second.associate();
  return second;
}

function requireAddress(device: Device): DlmsAddress {
  if (device.dlms) return device.dlms;
  throw new MetergateError("INVALID_IP_ADDRESS", `${device.identification} has no network address`);
}

async function openConnection(
  parts: AssociatorParts,
  address: DlmsAddress,
  security: Security,
): Promise<MeterConnection> {
  const { clock, signal, timeouts, device, heard } = parts;
  const { host, port, useSn } = address;
  const counters = security.level === "LLS0" ? undefined : new CounterSupply(parts.counters, device.identification);
  const client = new DlmsClient({
    link: linkTo(address, security.level === "LLS0" ? PUBLIC_CLIENT : MANAGEMENT_CLIENT),
    security: clientSecurity(parts, security, counters),
    referencing: useSn ? "short-name" : "logical-name",
  });
  const tcp = await connectTcp({ host, port, timeoutMs: timeouts.connectTimeoutMs }, clock, signal);
  const responseTimeoutMs = security.level === "LLS1" ? timeouts.lls1ResponseTimeoutMs : timeouts.responseTimeoutMs;
  return new MeterConnection({ tcp, client, counters, clock, responseTimeoutMs, signal, heard });
}

function linkTo({ logicalDevice, useHdlc }: DlmsAddress, client: number): Link {
  if (!useHdlc) return new WrapperClientLink({ client, server: logicalDevice });
  const serverAddress = { upper: logicalDevice };
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

/** The counter that a meter shows to the public client, over a connection of its own: some close TCP on release. */
async function readCounter(parts: AssociatorParts, address: DlmsAddress): Promise<number> {
  const connection = await openConnection(parts, { ...address, useSn: false }, { level: "LLS0" });
  try {
    await connection.associate();
    const response = await connection.request({ type: "get", attributes: [COUNTER_ATTRIBUTE] });
    const result = response.type === "get" ? response.results[0] : undefined;
    if (result && "data" in result) return asNumber(result.data, "invocation counter");
    throw new MetergateError(
      "ERROR_RETRIEVING_ATTRIBUTE_VALUE",
      `The meter does not show its invocation counter ${COUNTER_ATTRIBUTE.logicalName}: ${result?.error}`,
    );
  } finally {
    await connection.release();
  }
}

/** What a meter shows is the last counter that it took, or the lowest that it will take; one more is right for both. */
function nextAfter(shown: number): number {
  if (shown < MAX_INVOCATION_COUNTER) return shown + 1;
  throw new MetergateError("INVOCATION_COUNTER_EXHAUSTED", `The meter shows the invocation counter ${shown}`);
}

/**
 * Goes on with the counter that the meter expects.
 * @returns whether that is news. A meter may be behind by what sessions took and did not use.
 * @throws MetergateError ATTEMPT_TO_LOWER_INVOCATION_COUNTER when it is further behind than that.
 */
async function adoptCounter({ counters, device }: AssociatorParts, expected: number): Promise<boolean> {
  const current = await counters.current(device.identification);
  if (current !== null && expected <= current && current - expected <= LARGEST_BLOCK) return false;
  return counters.raise(device.identification, expected);
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

/** The refusal may tell the counter; otherwise the public client is shown it. */
async function expectedCounter(parts: AssociatorParts, address: DlmsAddress, refusal: unknown): Promise<number> {
  const told = refusal instanceof MetergateError ? refusal.context.expectedInvocationCounter : undefined;
  return typeof told === "number" ? told : nextAfter(await readCounter(parts, address));
}
