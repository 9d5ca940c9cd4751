import { type CosemData, cosem } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { CaptureObject, PushDestination } from "../../../operations/values.ts";
import { formatHostPort } from "../../../transport/host-port.ts";

/** Transport service of send_destination_and_method (class 40, attribute 3). */
export const TCP = 0;
export const UDP = 1;
/** Message type: A-XDR encoded xDLMS APDU. */
export const XDLMS = 0;

/**
 * send_destination_and_method: transport, "host:port" in ASCII, message type.
 * @throws MetergateError VALIDATION_ERROR when the host is neither a name nor an address
 */
export function encodeSendDestination({ host, port }: PushDestination, transport: number, message: number): CosemData {
  const destination = formatHostPort(host, port);
  if (destination === undefined) {
    throw new MetergateError("VALIDATION_ERROR", `Host is neither a name nor an address: ${JSON.stringify(host)}`);
  }
  const octets = Buffer.from(destination, "latin1");
  return cosem.structure([cosem.enum(transport), cosem.octetString(octets), cosem.enum(message)]);
}

/** An object in a push object list or in the columns of a profile. */
export function encodeCaptureObject({ classId, logicalName, attribute, dataIndex }: CaptureObject): CosemData {
  return cosem.structure([
    cosem.longUnsigned(classId),
    cosem.logicalName(logicalName),
    cosem.integer(attribute),
    cosem.longUnsigned(dataIndex),
  ]);
}
