import { type ObisCode, parseObis } from "../../lib/obis.ts";
import { SimulatorError } from "./errors.ts";
import type { PushMessage, PushTarget } from "./push.ts";
import type { SimulatedMeter } from "./simulated-meter.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Does what the control interface's `push` asks for: `{ "register": 1, "bits": 4 }` raises an alarm, anything else is a
 * message, see docs/simulator.md.
 * @throws SimulatorError when a field is not what it should be; MetergateError when the target cannot be reached
 */
export async function pushFromJson(meter: SimulatedMeter, json: unknown): Promise<void> {
  const fields = (typeof json === "object" && json !== null ? json : {}) as Fields;
  if (fields.bits !== undefined) {
    return meter.raiseAlarm(integer(fields, "register", 3), integer(fields, "bits", 0xffff_ffff));
  }
  const pushSetup = logicalName(fields, "pushSetup");
  const message = fields.format === undefined ? undefined : messageFrom(fields);
  const target = fields.host === undefined ? undefined : targetFrom(fields);
  return meter.push(pushSetup, message, target);
}

function messageFrom(fields: Fields): PushMessage {
  const trigger = logicalName(fields, "trigger");
  const registers = Array.isArray(fields.alarmRegisters)
    ? fields.alarmRegisters.map((register) => integer({ register }, "register", 0xffff_ffff))
    : [];
  switch (fields.format) {
    case "dsmr4":
      return trigger ? { format: "dsmr4", trigger } : { format: "dsmr4", alarmRegister: registers[0] ?? 0 };
    case "smr5":
      if (!trigger) throw invalid("trigger", "a logical name");
      return { format: "smr5", trigger, alarmRegisters: registers, ciphered: fields.ciphered === true };
    case "mx382":
      return { format: "mx382", withTime: fields.withTime === true };
    default:
      throw invalid("format", "dsmr4, smr5 or mx382");
  }
}

function targetFrom(fields: Fields): PushTarget {
  if (typeof fields.host !== "string") throw invalid("host", "a host name or address");
  const transport = fields.transport === "udp" ? "udp" : "tcp";
  return { host: fields.host, port: integer(fields, "port", 65_535), transport };
}

function integer(fields: Fields, name: string, highest: number): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= highest) return value;
  throw invalid(name, `an integer from 0 to ${highest}`);
}

function logicalName(fields: Fields, name: string): ObisCode | undefined {
  const value = fields[name];
  if (value === undefined) return undefined;
  try {
    return parseObis(String(value));
  } catch {
    throw invalid(name, "six numbers with dots between");
  }
}

function invalid(name: string, rule: string): SimulatorError {
  return new SimulatorError("simulator/invalid-value", `${name} is ${rule}`);
}
