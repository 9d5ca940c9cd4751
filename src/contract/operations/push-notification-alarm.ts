import { MetergateError } from "../../domain/errors.ts";
import type { common, smConfiguration } from "../generated/index.ts";
import { SIMPLE_TYPES } from "../generated/tables.ts";
import { printable } from "./values.ts";

/** A pushed alarm in the domain's words. */
export interface PushedAlarm {
  /** What the push held, as text. */
  readonly decodedMessage: string;
  readonly encodedMessage: Uint8Array;
  readonly alarms: readonly string[];
}

const ALARMS: ReadonlySet<string> = new Set(SIMPLE_TYPES["common:AlarmType"]?.enumeration);

function isAlarm(name: string): name is common.AlarmType {
  return ALARMS.has(name);
}

/** @throws MetergateError NOT_FOUND when the push held no alarm that the contract names: the schema demands one. */
export function fromPushedAlarm(push: PushedAlarm): smConfiguration.GetPushNotificationAlarmResponse {
  const alarm = push.alarms.filter(isAlarm);
  if (alarm.length === 0) throw new MetergateError("NOT_FOUND", "The pushed message holds no alarm of the contract");
  return { Result: "OK", decodedMessage: printable(push.decodedMessage), encodedMessage: push.encodedMessage, alarm };
}
