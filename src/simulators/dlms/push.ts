import { encodeApdu } from "../../dlms/apdu-codec.ts";
import { asNumber, type CosemData, cosem } from "../../dlms/data.ts";
import { encodeWrapperFrame } from "../../dlms/wrapper.ts";
import { concatBytes, fromHex } from "../../lib/bytes.ts";
import { systemClock } from "../../lib/clock.ts";
import { type ObisCode, obisToBytes, parseObis } from "../../lib/obis.ts";
import { connectTcp } from "../../transport/tcp.ts";
import { sendUdp } from "../../transport/udp.ts";
import { destinationOf } from "./classes/push-setup.ts";
import { SimulatorError } from "./errors.ts";
import type { Meter } from "./meter.ts";

/** Where a push goes to. */
export interface PushTarget {
  readonly host: string;
  readonly port: number;
  readonly transport: "tcp" | "udp";
}

/** A message that a meter sends by itself. */
export type PushMessage =
  /** DSMR 4: alarm register 1, or the logical name of a trigger. */
  | { readonly format: "dsmr4"; readonly alarmRegister: number }
  | { readonly format: "dsmr4"; readonly trigger: ObisCode }
  /** SMR 5: a logical name, with one or two alarm registers or none. */
  | {
      readonly format: "smr5";
      readonly trigger: ObisCode;
      readonly alarmRegisters: readonly number[];
      /** General-glo ciphering with the unicast key, to wPort 0x40. */
      readonly ciphered?: boolean;
    }
  /** Last gasp of a Landis+Gyr MX382. */
  | { readonly format: "mx382"; readonly withTime: boolean };

const IDENTIFIER_OCTETS = 17;
const CLIENT_WPORT = 1;
const CIPHERED_PUSH_WPORT = 0x40;
const GENERAL_GLO_CIPHERING = 0xdb;
const CONNECT_TIMEOUT_MS = 5_000;
const PUSH_SETUP_UDP = parseObis("0.3.25.9.0.255");

/** Registers by number, and the filters that say which of their bits are pushed. */
const REGISTERS: Readonly<Record<number, { register: ObisCode; filter: ObisCode }>> = {
  1: { register: parseObis("0.0.97.98.0.255"), filter: parseObis("0.0.97.98.10.255") },
  2: { register: parseObis("0.0.97.98.1.255"), filter: parseObis("0.0.97.98.11.255") },
  3: { register: parseObis("0.0.97.98.2.255"), filter: parseObis("0.0.97.98.12.255") },
};

function equipmentIdentifier(meter: Meter): Uint8Array {
  const text = meter.description.identification.slice(0, IDENTIFIER_OCTETS).padEnd(IDENTIFIER_OCTETS, " ");
  return new Uint8Array(Buffer.from(text, "latin1"));
}

function unsigned32(value: number): Uint8Array {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, value);
  return octets;
}

/** The octets of a push as they go over TCP or UDP. */
export function encodePush(meter: Meter, message: PushMessage): Uint8Array {
  const identifier = equipmentIdentifier(meter);
  if (message.format === "dsmr4") {
    const content = "trigger" in message ? obisToBytes(message.trigger) : unsigned32(message.alarmRegister);
    return concatBytes(identifier, Uint8Array.of(0x2c), content);
  }
  if (message.format === "mx382") return encodeMx382(meter, message.withTime);
  const body: CosemData[] = [
    cosem.octetString(identifier),
    cosem.logicalName(message.trigger),
    ...message.alarmRegisters.map(cosem.doubleLongUnsigned),
  ];
  const apdu = encodeApdu({
    type: "data-notification",
    longInvokeIdAndPriority: 0,
    dateTime: new Uint8Array(0),
    body: cosem.structure(body),
  });
  if (!message.ciphered)
    return encodeWrapperFrame({ source: meter.description.logicalDevice, destination: CLIENT_WPORT, apdu: apdu });
  return encodeWrapperFrame({
    source: meter.description.logicalDevice,
    destination: CIPHERED_PUSH_WPORT,
    apdu: sealGeneral(meter, apdu),
  });
}

function sealGeneral(meter: Meter, apdu: Uint8Array): Uint8Array {
  const { systemTitle } = meter.description;
  const payload = meter.cipherKeys.protect(apdu, systemTitle, meter.invocationCounter.next());
  return encodeApdu({ type: "ciphered", tag: GENERAL_GLO_CIPHERING, systemTitle, payload });
}

/** The time, when there is one, has its type and length like any value, where the standard has a single octet. */
function encodeMx382(meter: Meter, withTime: boolean): Uint8Array {
  const identifier = equipmentIdentifier(meter);
  const now = meter.dateTime(meter.nowMs());
  const time = withTime && now.type === "octet-string" ? concatBytes(fromHex("090C"), now.value) : fromHex("00");
  const apdu = concatBytes(
    fromHex("C2"),
    time,
    fromHex("0001 808080808000 02 09"),
    Uint8Array.of(identifier.length),
    identifier,
  );
  return encodeWrapperFrame({ source: 0x67, destination: 0x66, apdu: apdu });
}

/**
 * What a meter of this version sends when its push setup fires: the registers that belong to it.
 */
export function messageOf(meter: Meter, pushSetup: ObisCode): PushMessage {
  const register = (number: number) => {
    const name = REGISTERS[number]!.register;
    return meter.profile.objects.has(name) ? [asNumber(meter.read(1, name, 2))] : [];
  };
  if (meter.profile.pushFormat === "dsmr4") return { format: "dsmr4", alarmRegister: register(1)[0]! };
  if (pushSetup === PUSH_SETUP_UDP) return { format: "smr5", trigger: pushSetup, alarmRegisters: register(3) };
  return { format: "smr5", trigger: pushSetup, alarmRegisters: [...register(1), ...register(2)] };
}

/**
 * Where a push setup of the meter sends to.
 * @throws SimulatorError when the meter has no such push setup or nothing was written to it.
 */
export function targetOf(meter: Meter, pushSetup: ObisCode): PushTarget {
  const target = destinationOf(meter.read(40, pushSetup, 3));
  if (target) return target;
  throw new SimulatorError("simulator/no-destination", `push setup ${pushSetup} holds no host and port`);
}

/**
 * Sends a message.
 * @throws MetergateError when the peer cannot be reached
 */
export async function sendPush(meter: Meter, message: PushMessage, target: PushTarget): Promise<void> {
  const octets = encodePush(meter, message);
  if (target.transport === "udp") return sendUdp(target.host, target.port, octets);
  const connection = await connectTcp({ ...target, timeoutMs: CONNECT_TIMEOUT_MS }, systemClock);
  connection.write(octets);
  connection.close();
}

/**
 * Sets bits in alarm register 1, 2 or 3.
 * @returns whether the filter lets one of them be pushed
 * @throws SimulatorError when the meter has no such register
 */
export function raiseAlarm(meter: Meter, register: number, bits: number): boolean {
  const names = REGISTERS[register];
  if (!names) throw new SimulatorError("simulator/unknown-object", `there is no alarm register ${register}`);
  const before = asNumber(meter.read(1, names.register, 2));
  meter.write(1, names.register, 2, cosem.doubleLongUnsigned((before | bits) >>> 0));
  return (asNumber(meter.read(1, names.filter, 2)) & bits) !== 0;
}
