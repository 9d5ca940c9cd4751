import { type CosemData, DlmsError, decodeApdu, type NotificationApdu } from "../../../dlms/index.ts";
import { type ObisCode, obisFromBytes } from "../../../lib/obis.ts";
import { type AlarmRegister, alarmsOf } from "../alarm-bits.ts";

/** What a device wants with its push. */
export type PushTrigger = "alarm" | "sms-wakeup" | "csd-wakeup" | "scheduler";

/** A message that a device sent by itself. */
export interface Push {
  /** Equipment identifier: the device identification. */
  readonly device: string;
  readonly trigger: PushTrigger;
  /** Names of the alarms that are set; empty for other triggers. What is not known by name is in the text. */
  readonly alarms: readonly string[];
  /** The message, for a person to read. */
  readonly text: string;
}

/** A pushed message that is none, or that is not believed; the message says what is wrong and where. */
export class PushError extends Error {
  readonly code = "PUSH_REFUSED";
  /** In whose name it came, when it is one that operators should hear of: a device, or a system title. */
  readonly claimed: string | undefined;

  constructor(text: string, { cause, claimed }: { cause?: unknown; claimed?: string | undefined } = {}) {
    super(text, { cause });
    this.claimed = claimed;
  }
}

export type PushTransport = "tcp" | "udp";

const IDENTIFIER_LENGTH = 17;
const WRAPPER_LENGTH = 8;
/** Octet 8 of a message tells its format. */
const DATA_NOTIFICATION = 0x0f;
const EVENT_NOTIFICATION = 0xc2;
/** What may be protected, or hold what is: general-glo, general-ded and general ciphering, a general block. */
const WRAPPING = [0xdb, 0xdc, 0xdd, 0xe0];
const DSMR4_SEPARATOR = 0x2c;
/** Wrapper header that MX382 meters send: version 1, from wPort 0x67 to 0x66. */
const MX382_HEADER = Uint8Array.of(0, 1, 0, 0x67, 0, 0x66);
const MX382_LENGTHS = [29, 30, 42, 43];
/** Class 1, the logical name that stands for last gasp, attribute 2. */
const MX382_LAST_GASP = Uint8Array.of(0, 1, 0x80, 0x80, 0x80, 0x80, 0x80, 0, 2);

const DSMR4_TRIGGERS: Readonly<Record<string, PushTrigger>> = {
  "0.0.2.3.0.255": "sms-wakeup",
  "0.0.2.2.0.255": "csd-wakeup",
  "0.0.15.0.4.255": "scheduler",
  "0.0.25.9.0.255": "scheduler",
};
const SMR5_TRIGGERS: Readonly<Record<string, PushTrigger>> = {
  "0.0.2.2.0.255": "sms-wakeup",
  "0.2.25.9.0.255": "sms-wakeup",
  "0.0.15.0.4.255": "scheduler",
  "0.0.25.9.0.255": "scheduler",
  "0.0.16.1.0.255": "alarm",
  "0.1.25.9.0.255": "alarm",
  "0.3.25.9.0.255": "alarm",
};
/** The push setup whose register is number 3. */
const PUSH_SETUP_UDP = "0.3.25.9.0.255";

function refuse(text: string): never {
  throw new PushError(text);
}

function identifierOf(octets: Uint8Array): string {
  const text = Buffer.from(octets).toString("latin1");
  if (!/^[A-Za-z0-9 ]+$/.test(text)) refuse("the equipment identifier is not letters and digits");
  return text;
}

/** A push with alarm registers. A bit that means nothing here is told beside the alarms that are known. */
function alarmPush(device: string, registers: readonly (readonly [AlarmRegister, number])[], remark?: string): Push {
  const read = registers.map(([register, value]) => ({ register, ...alarmsOf(register, value) }));
  const alarms = read.flatMap((each) => each.alarms);
  const unknown = read.flatMap(({ register, unknownBits }) =>
    unknownBits.map((bit) => `unknown bit ${bit} of alarm register ${register}`),
  );
  const details = [...alarms, ...unknown, ...(remark ? [remark] : [])];
  return { device, trigger: "alarm", alarms, text: describe(device, "alarm", details.join(", ")) };
}

/** Any other push. A logical name that means nothing here is an alarm of which no more is known. */
function namedPush(device: string, logicalName: ObisCode, trigger: PushTrigger | undefined): Push {
  if (trigger) return { device, trigger, alarms: [], text: describe(device, trigger, logicalName) };
  return alarmPush(device, [], unknownTrigger(logicalName));
}

const unknownTrigger = (logicalName: ObisCode) => `unknown trigger ${logicalName}`;

const describe = (device: string, trigger: PushTrigger, detail: string): string =>
  `Push from ${device}, trigger ${trigger}${detail && `: ${detail}`}`;

function decodeDsmr4(message: Uint8Array): Push {
  const rest = message.subarray(IDENTIFIER_LENGTH + 1);
  if (message[IDENTIFIER_LENGTH] !== DSMR4_SEPARATOR) {
    refuse(`octet ${IDENTIFIER_LENGTH} of a DSMR4 push must be 2C after the equipment identifier`);
  }
  const device = identifierOf(message.subarray(0, IDENTIFIER_LENGTH));
  if (rest.length === 4) {
    return alarmPush(device, [[1, new DataView(rest.buffer, rest.byteOffset, 4).getUint32(0)]]);
  }
  if (rest.length !== 6) refuse(`a DSMR4 push ends with 4 octets of alarms or a logical name of 6, not ${rest.length}`);
  const logicalName = obisFromBytes(rest);
  return namedPush(device, logicalName, DSMR4_TRIGGERS[logicalName]);
}

const octets = (data: CosemData | undefined, what: string): Uint8Array =>
  data?.type === "octet-string" ? data.value : refuse(`${what} is not an octet-string`);

/** The octets of an APDU behind the wrapper's header, when it is one that {@link decodePush} cannot read by itself. */
export function wrappingApdu(message: Uint8Array): Uint8Array | undefined {
  return WRAPPING.includes(message[WRAPPER_LENGTH] ?? 0) ? message.subarray(WRAPPER_LENGTH) : undefined;
}

function decodeSmr5(message: Uint8Array): Push {
  const apdu = decodeApdu(message.subarray(WRAPPER_LENGTH));
  if (apdu.type !== "data-notification") refuse(`${apdu.type} came as a push`);
  return readNotification(apdu);
}

/**
 * Reads the push of an SMR5 meter.
 * @throws PushError
 */
export function readNotification(apdu: NotificationApdu): Push {
  if (apdu.type !== "data-notification" || apdu.body.type !== "structure") {
    refuse("the data-notification's body is not a structure");
  }
  const [identifier, name, ...registers] = apdu.body.value;
  if (registers.length > 2) refuse(`the data-notification has ${apdu.body.value.length} elements, not 2 to 4`);
  const device = identifierOf(octets(identifier, "the equipment identifier"));
  const logicalNameOctets = octets(name, "the logical name");
  if (logicalNameOctets.length !== 6) refuse(`the logical name has ${logicalNameOctets.length} octets, not 6`);
  const logicalName: ObisCode = obisFromBytes(logicalNameOctets);
  const trigger = SMR5_TRIGGERS[logicalName];
  if (registers.length === 0) return namedPush(device, logicalName, trigger);
  if (logicalName === PUSH_SETUP_UDP && registers.length > 1) refuse(`a push of ${logicalName} has register 3 alone`);
  const values = registers.map((register, i): [AlarmRegister, number] => {
    if (register.type !== "double-long-unsigned") refuse(`alarm register ${i + 1} is not a double-long-unsigned`);
    return [logicalName === PUSH_SETUP_UDP ? 3 : i === 0 ? 1 : 2, register.value];
  });
  // Registers are alarms whatever the name says.
  const remark = trigger === "alarm" ? undefined : trigger ? `trigger ${logicalName}` : unknownTrigger(logicalName);
  return alarmPush(device, values, remark);
}

function startsWith(message: Uint8Array, at: number, wanted: Uint8Array): boolean {
  return wanted.every((octet, i) => message[at + i] === octet);
}

/** Event notification of MX382 meters, whose optional time is an octet-string with its type and length. */
function decodeMx382(message: Uint8Array, transport: PushTransport): Push {
  const length = message.length - WRAPPER_LENGTH;
  if (!startsWith(message, 0, MX382_HEADER)) refuse("the wrapper header is not that of an MX382 push");
  if (!MX382_LENGTHS.includes(length)) refuse(`an MX382 push has ${MX382_LENGTHS.join(", ")} octets, not ${length}`);
  const identifierLength = length === 29 || length === 42 ? 16 : 17;
  const device = identifierOf(message.subarray(message.length - identifierLength));
  if (transport === "udp") {
    return { device, trigger: "sms-wakeup", alarms: [], text: describe(device, "sms-wakeup", "MX382") };
  }
  const timeLength = length > 30 ? 14 : 1;
  if (!startsWith(message, WRAPPER_LENGTH + 1 + timeLength, MX382_LAST_GASP)) {
    refuse("the MX382 push does not name the last gasp object");
  }
  return { device, trigger: "alarm", alarms: ["LAST_GASP"], text: describe(device, "alarm", "LAST_GASP") };
}

/**
 * Reads a pushed message that is in clear: the formats of DSMR4, SMR5 and MX382 meters.
 * @throws PushError for anything else
 */
export function decodePush(message: Uint8Array, transport: PushTransport): Push {
  const format = message[WRAPPER_LENGTH] ?? 0;
  try {
    switch (format) {
      case DATA_NOTIFICATION:
        return decodeSmr5(message);
      case EVENT_NOTIFICATION:
        return decodeMx382(message, transport);
      default:
        return decodeDsmr4(message);
    }
  } catch (error) {
    if (error instanceof DlmsError) throw new PushError(error.message, { cause: error });
    throw error;
  }
}

/**
 * How many octets the message at the start of a stream has: undefined while that cannot be told (too few octets yet,
 * or a DSMR4 message, which ends where the sender pauses or closes).
 */
export function pushLength(stream: Uint8Array): number | undefined {
  const format = stream[WRAPPER_LENGTH] ?? 0;
  if (format !== DATA_NOTIFICATION && format !== EVENT_NOTIFICATION && !WRAPPING.includes(format)) {
    return undefined;
  }
  return WRAPPER_LENGTH + new DataView(stream.buffer, stream.byteOffset, WRAPPER_LENGTH).getUint16(6);
}
