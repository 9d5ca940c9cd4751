import type { Apdu } from "./apdu.ts";
import { readDescriptor, writeDescriptor } from "./apdu-parts.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { readData, writeData } from "./data-codec.ts";

type DataNotification = Extract<Apdu, { type: "data-notification" }>;
type EventNotification = Extract<Apdu, { type: "event-notification-request" }>;

/** Data-Notification: long-invoke-id-and-priority, date-time as octet-string, body. */
export function writeDataNotification(writer: ByteWriter, apdu: DataNotification): void {
  writer.unsigned32(apdu.longInvokeIdAndPriority);
  writer.octetString(apdu.dateTime);
  writeData(writer, apdu.body);
}

/** Reads what follows the tag of a Data-Notification; the date-time may have any length. */
export function readDataNotification(reader: ByteReader): DataNotification {
  return {
    type: "data-notification",
    longInvokeIdAndPriority: reader.unsigned32(),
    dateTime: reader.octetString(),
    body: readData(reader),
  };
}

/** Event-Notification-Request: time if any, attribute descriptor, value. */
export function writeEventNotification(writer: ByteWriter, apdu: EventNotification): void {
  writer.unsigned8(apdu.time ? 1 : 0);
  if (apdu.time) writer.octetString(apdu.time);
  writeDescriptor(writer, apdu.attribute);
  writeData(writer, apdu.value);
}

/**
 * The octet before an optional time is 1. Landis+Gyr MX382 meters write the tag of an octet-string, 9, in its place.
 */
export function readEventNotification(reader: ByteReader): EventNotification {
  const presence = reader.unsigned8();
  if (presence !== 0 && presence !== 1 && presence !== 9) {
    throw reader.malformed(`presence of the time is told by 0 or 1, not ${presence}`, 1);
  }
  const time = presence === 0 ? undefined : reader.octetString();
  return {
    type: "event-notification-request",
    ...(time && { time }),
    attribute: readDescriptor(reader),
    value: readData(reader),
  };
}
