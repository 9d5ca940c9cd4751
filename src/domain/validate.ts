import { isTimeZone } from "../lib/time-zone.ts";
import { MetergateError } from "./errors.ts";
import type { Action, ActivityCalendar, DayProfile, WeekProfile } from "./operations.ts";

const MOST = 4;

function refuse(text: string): never {
  throw new MetergateError("VALIDATION_ERROR", text);
}

function refuseDuplicates<T>(items: readonly T[], nameOf: (item: T) => string | number, text: string): void {
  const byName = new Map<string | number, string>();
  for (const item of items) {
    const content = JSON.stringify(item);
    const known = byName.get(nameOf(item));
    if (known !== undefined && known !== content) refuse(text);
    byName.set(nameOf(item), content);
  }
}

/** The rules of SetActivityCalendar in the order and with the words that callers of the public contract know. */
function validateActivityCalendar({ seasons }: ActivityCalendar): void {
  if (seasons.length > MOST) refuse(`Maximum number of seasons supported (${MOST}) is exceeded: ${seasons.length}`);
  if (new Set(seasons.map((season) => season.name)).size < seasons.length) refuse("Not all seasons have a unique name");
  if (!seasons.every((season) => /^\d$/.test(season.name))) refuse("Not all season names contain exactly one digit");

  const weeks: WeekProfile[] = seasons.map((season) => season.week);
  const weekCount = new Set(weeks.map((week) => week.name)).size;
  if (weekCount > MOST) refuse(`Maximum number of weeks supported (${MOST}) is exceeded: ${weekCount}`);
  if (!weeks.every((week) => /^\d$/.test(week.name))) refuse("Not all week names contain exactly one digit");
  refuseDuplicates(weeks, (week) => week.name, "Weekprofiles with same name have different day profiles");

  const days: DayProfile[] = weeks.flatMap((week) => week.days);
  const dayCount = new Set(days.map((day) => day.dayId)).size;
  if (dayCount > MOST) refuse(`Maximum number of days supported (${MOST}) is exceeded: ${dayCount}`);
  refuseDuplicates(days, (day) => day.dayId, "Dayprofiles with same dayid have different switching points");
}

function requireRange(name: string, value: number, lowest: number, highest: number): void {
  if (!(value >= lowest && value <= highest)) refuse(`${name} must be ${lowest} to ${highest}, not ${value}`);
}

/** Octets of the shortest RSA ciphertext: no platform key has less than 2048 bits. */
const SHORTEST_CIPHERTEXT = 256;

/** A key that is sent in clear must not come as far as the database. */
function requireSealed(name: string, key: string): void {
  const octets = key.length / 2;
  if (octets >= SHORTEST_CIPHERTEXT) return;
  refuse(`${name} is not sealed: a ciphertext has ${SHORTEST_CIPHERTEXT} octets or more, not ${octets}`);
}

/** Attributes that hold passwords, by interface class: their values would lie in results and in the log. */
const SECRET_ATTRIBUTES: ReadonlyMap<number, number> = new Map([
  // Association LN: secret; PPP setup: PPP_authentication
  [15, 7],
  [44, 5],
]);

/** Whether an attribute holds a password, whatever the meter allows. */
export function isSecret(classId: number, attribute: number): boolean {
  return SECRET_ATTRIBUTES.get(classId) === attribute;
}

/**
 * Checks what the schema cannot: rules between fields and ranges that a meter would refuse.
 * @throws MetergateError VALIDATION_ERROR with a text that names what is wrong.
 */
export function validateAction(action: Action): void {
  switch (action.operation) {
    case "ReplaceKeys":
      requireSealed("AuthenticationKey", action.request.authenticationKey);
      requireSealed("EncryptionKey", action.request.encryptionKey);
      break;
    case "SetActivityCalendar":
      validateActivityCalendar(action.request);
      break;
    case "SetRandomisationSettings":
      requireRange("randomisationStartWindow", action.request.randomisationStartWindow, 1, 65_535);
      requireRange("multiplicationFactor", action.request.multiplicationFactor, 1, 7);
      requireRange("numberOfRetries", action.request.numberOfRetries, 1, 31);
      break;
    case "SetSpecialDays":
      for (const { dayId } of action.request.specialDays) requireRange("dayId", dayId, 0, 255);
      break;
    case "SetPushSetupAlarm": {
      const { destination, pushObjects } = action.request;
      if (!destination && !pushObjects?.length)
        refuse("SetPushSetupAlarm needs Host and Port, a PushObjectList, or both");
      if (destination) requireRange("Port", destination.port, 1, 65_535);
      break;
    }
    case "SetPushSetupSms":
    case "SetPushSetupLastGasp":
      requireRange("Port", action.request.destination.port, 1, 65_535);
      break;
    case "GetSpecificAttributeValue": {
      const { classId, attribute } = action.request;
      if (isSecret(classId, attribute))
        refuse(`Attribute ${attribute} of class ${classId} holds a secret and is not read`);
      break;
    }
    case "SynchronizeTime":
      if (!isTimeZone(action.request.timeZone)) refuse(`TimeZone is not an IANA zone: ${action.request.timeZone}`);
      break;
    default:
  }
}
