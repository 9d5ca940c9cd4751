import { MetergateError } from "../../domain/errors.ts";
import type { common, smConfiguration, smMonitoring } from "../generated/index.ts";
import { SIMPLE_TYPES } from "../generated/tables.ts";
import { printable } from "./values.ts";

/** A pushed alarm in the domain's words. */
export interface PushedAlarm {
  readonly device: string;
  /** What the push held, as text. */
  readonly decodedMessage: string;
  readonly encodedMessage: Uint8Array;
  readonly alarms: readonly string[];
}

const ALARMS: ReadonlySet<string> = new Set(SIMPLE_TYPES["common:AlarmType"]?.enumeration);

function isAlarm(name: string): name is common.AlarmType {
  return ALARMS.has(name);
}

/** The alarms that the contract has names for. */
export function contractAlarms(alarms: readonly string[]): common.AlarmType[] {
  return alarms.filter(isAlarm);
}

/** The alarms alone, as the monitoring service gives them. */
export function fromRetrievedAlarm({
  device,
  alarms,
}: PushedAlarm): smMonitoring.RetrievePushNotificationAlarmResponse {
  return { DeviceIdentification: device, AlarmRegister: { AlarmTypes: contractAlarms(alarms) } };
}

/** @throws MetergateError NOT_FOUND when the push held no alarm that the contract names: the schema demands one. */
export function fromPushedAlarm(push: PushedAlarm): smConfiguration.GetPushNotificationAlarmResponse {
  const alarm = contractAlarms(push.alarms);
  if (alarm.length === 0) throw new MetergateError("NOT_FOUND", "The pushed message holds no alarm of the contract");
  return { Result: "OK", decodedMessage: printable(push.decodedMessage), encodedMessage: push.encodedMessage, alarm };
}
