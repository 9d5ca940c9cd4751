import { type CosemData, cosem } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { CaptureObject, PushDestination } from "../../../operations/values.ts";
import { formatHostPort } from "../../../transport/host-port.ts";
import { missingObject, type Operation, requireSuccess } from "../operation.ts";
import { attributeOf, findObject } from "../profiles/index.ts";

/** Transport service of send_destination_and_method (class 40, attribute 3). */
const TCP = 0;
const UDP = 1;
/** Message type: A-XDR encoded xDLMS APDU. */
const XDLMS = 0;

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

function requireWholeAttributes(pushObjects: readonly CaptureObject[]): void {
  const partial = pushObjects.find(({ dataIndex }) => dataIndex !== 0);
  if (!partial) return;
  throw new MetergateError(
    "VALIDATION_ERROR",
    `PushObject contains non-zero data index: ${partial.dataIndex}. Using data index is not implemented.`,
  );
}

/** Destination first; then, when every object of the list can be read, the list. */
export const setPushSetupAlarm: Operation<"SetPushSetupAlarm"> = {
  missing: (profile) => missingObject(profile, "PUSH_SETUP_ALARM"),
  async run({ meter, profile }, { destination, pushObjects }) {
    const failure = "AccessResultCode for set push setup alarm was not SUCCESS: ";
    if (!destination && !pushObjects) {
      throw new MetergateError(
        "VALIDATION_ERROR",
        "SetPushSetupAlarmCommandExecutor called without any valid option set in request.",
      );
    }
    requireWholeAttributes(pushObjects ?? []);
    const object = findObject(profile, "PUSH_SETUP_ALARM");
    if (destination) {
      const value = encodeSendDestination(destination, TCP, profile.pushMessageType);
      requireSuccess(await meter.set(attributeOf(object, 3), value), failure);
    }
    if (pushObjects) {
      for (const { classId, logicalName, attribute } of pushObjects) {
        if ("data" in (await meter.tryGet({ classId, logicalName, attribute }))) continue;
        const text = `Object ${logicalName} could not be retrieved using a get request.`;
        throw new MetergateError("DEVICE_REFUSED", `Verification of push object failed. ${text}`);
      }
      const value = cosem.array(pushObjects.map(encodeCaptureObject));
      requireSuccess(await meter.set(attributeOf(object, 2), value), failure);
    }
    return {};
  },
};

export const setPushSetupSms: Operation<"SetPushSetupSms"> = {
  missing: (profile) => missingObject(profile, "PUSH_SETUP_SMS"),
  async run({ meter, profile }, { destination }) {
    const value = encodeSendDestination(destination, TCP, profile.pushMessageType);
    const result = await meter.set(attributeOf(findObject(profile, "PUSH_SETUP_SMS"), 3), value);
    requireSuccess(result, "AccessResultCode for set push setup sms was not SUCCESS: ");
    return {};
  },
};

export const setPushSetupLastGasp: Operation<"SetPushSetupLastGasp"> = {
  missing: (profile) => missingObject(profile, "PUSH_SETUP_UDP"),
  async run({ meter, profile }, { destination }) {
    const value = encodeSendDestination(destination, UDP, XDLMS);
    const result = await meter.set(attributeOf(findObject(profile, "PUSH_SETUP_UDP"), 3), value);
    requireSuccess(result, "AccessResultCode for set push setup last gasp was not SUCCESS: ");
    return {};
  },
};

/** No communication window: pushes may go out at any time. */
export const setPushSetupUdp: Operation<"SetPushSetupUdp"> = {
  missing: (profile) => missingObject(profile, "PUSH_SETUP_UDP"),
  async run({ meter, profile }) {
    const result = await meter.set(attributeOf(findObject(profile, "PUSH_SETUP_UDP"), 4), cosem.array([]));
    requireSuccess(result, "AccessResultCode for set push setup udp was not SUCCESS: ");
    return {};
  },
};
