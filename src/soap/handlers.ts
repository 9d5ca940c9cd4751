import { BUNDLE_RESPONSE, readBundle, writeResponse } from "../contract/bundle.ts";
import type { ElementName, ElementTypes } from "../contract/codec.ts";
import { fromDevicePage } from "../contract/operations/device-page.ts";
import { fromPushedAlarm, fromRetrievedAlarm } from "../contract/operations/push-notification-alarm.ts";
import { fromSystemEvent } from "../contract/operations/system-event.ts";
import type { SingleForm } from "../contract/operations/wire-form.ts";
import { type ErrorRecord, MetergateError } from "../domain/errors.ts";
import { BUNDLE, type RequestOutcome } from "../domain/request.ts";
import { sha256Hex } from "../lib/sha256.ts";
import type { AcceptInput } from "../requests/accept.ts";
import type { Written } from "./answer.ts";
import type { Understood } from "./context.ts";
import { errorFault } from "./fault.ts";
import type { Front } from "./pipeline.ts";

/** What goes back, and whether the log has it and the message already, in the transaction of what was done. */
export interface Reply extends Written {
  readonly isLogged: boolean;
}

/** Does what an operation asks for. */
export type Handler = (message: Understood, front: Front) => Promise<Reply>;

type BundleRequest = ElementTypes["sm-bundle:BundleRequest"];

const DELETED_TEXT = "response data has been deleted";
/** No device and no correlation UID of ours is as long; what is longer is neither echoed nor filed. */
const LONGEST_DEVICE = 60;
const LONGEST_CORRELATION_UID = 255;

/** Which element it is the value of is known at run time only; the encoder checks that it fits. */
function elementValue(value: object): ElementTypes[ElementName] {
  return value as ElementTypes[ElementName];
}

function fileUnderDevice(message: Understood, device: string): void {
  if (device.length > LONGEST_DEVICE) {
    throw new MetergateError("UNKNOWN_DEVICE", `No device has an identification of ${device.length} characters`);
  }
  message.device = device;
}

function fileUnderCorrelationUid(message: Understood, correlationUid: string): void {
  if (correlationUid.length > LONGEST_CORRELATION_UID) {
    const text = `Unknown: no correlation UID has ${correlationUid.length} characters.`;
    throw new MetergateError("UNKNOWN_CORRELATION_UID", text);
  }
  message.correlationUid = correlationUid;
}

function answer({ route, headers, signer }: Understood, front: Front, value: object): Buffer {
  const to = { addressing: headers.addressing, action: route.answerAction, signer };
  return front.writer.response(route.output, elementValue(value), to);
}

/**
 * What a message asks for, as one hash: who asks, how it is to run, and the decoded element. The same request in another
 * envelope, with other white space or prefixes or a new time stamp beside it is the same.
 */
function digestOf({ headers: { caller, scheduling }, route, content }: Understood): string {
  const asked = [caller.userName, caller.applicationName, scheduling, route.input, content];
  const text = JSON.stringify(asked, (_, value) => (typeof value === "bigint" ? String(value) : value));
  return sha256Hex(text);
}

/** What a message asks for. */
type Asked = Pick<AcceptInput, "operation" | "device" | "actions" | "refused">;

/** Queues a request: it and both messages become durable in one transaction, which `accept` is. */
function queue(read: (content: unknown) => Asked): Handler {
  return async (message, front) => {
    const { caller, scheduling, addressing } = message.headers;
    const asked = read(message.content);
    const { device } = asked;
    fileUnderDevice(message, device);
    const { response, correlationUid } = await front.requests.accept({
      caller,
      scheduling,
      message: { service: front.service, bytes: message.message.bytes, redacted: front.log.kept(message) },
      clientMessageId: addressing?.messageId,
      contentSha256: addressing && digestOf(message),
      respond: (correlationUid) =>
        answer(message, front, { DeviceIdentification: device, CorrelationUid: correlationUid }),
      ...asked,
    });
    message.correlationUid = correlationUid;
    return { bytes: Buffer.from(response.buffer, response.byteOffset, response.byteLength), isLogged: true };
  };
}

export function handleRequest(form: SingleForm): Handler {
  return queue((content) => {
    const { device, action } = form.toAction(content as never);
    return { operation: form.operation.name, device, actions: [action] };
  });
}

const handleBundle = queue((content) => ({ operation: BUNDLE, ...readBundle(content as BundleRequest) }));

/** What every fetch names. */
function readFetch(message: Understood): { device: string; correlationUid: string } {
  const { DeviceIdentification: device, CorrelationUid: correlationUid } =
    message.content as ElementTypes["sm-configuration:GetKeysAsyncRequest"];
  if (device.length <= LONGEST_DEVICE) message.device = device;
  fileUnderCorrelationUid(message, correlationUid);
  return { device, correlationUid };
}

/** Gives the result of a request that ended. */
export function handleFetch(form: SingleForm): Handler {
  return async (message, front) => {
    const { caller } = message.headers;
    const outcome = await front.requests.fetch({ caller, operation: form.operation.name, ...readFetch(message) });
    return { bytes: answer(message, front, responseOf(form, outcome)), isLogged: false };
  };
}

/** Gives what came of the actions of a bundle, written one by one: the answer may be as large as a thousand others. */
const handleBundleFetch: Handler = async (message, front) => {
  const { caller } = message.headers;
  const asked = readFetch(message);
  const { actions, outcomes } = await front.requests.fetchBundle({ caller, ...asked });
  async function* items() {
    for await (const { position, outcome } of outcomes) yield writeResponse(actions[position]!, outcome, asked.device);
  }
  const { route, headers, signer } = message;
  const to = { addressing: headers.addressing, action: route.answerAction, signer };
  return { ...(await front.writer.pieces({ ...BUNDLE_RESPONSE, items: items() }, to)), isLogged: false };
};

/** Gives an alarm that a device pushed. */
const handleAlarmFetch: Handler = async (message, front) => {
  const alarm = await front.requests.fetchAlarm({ caller: message.headers.caller, ...readFetch(message) });
  return { bytes: answer(message, front, fromPushedAlarm(alarm)), isLogged: false };
};

/** The same, by its correlation UID alone. */
const handleAlarmRetrieval: Handler = async (message, front) => {
  const { CorrelationUid: correlationUid } =
    message.content as ElementTypes["sm-monitoring:RetrievePushNotificationAlarmRequest"];
  fileUnderCorrelationUid(message, correlationUid);
  const alarm = await front.requests.fetchAlarm({ caller: message.headers.caller, correlationUid });
  return { bytes: answer(message, front, fromRetrievedAlarm(alarm)), isLogged: false };
};

/** Gives what the platform noticed of a device. */
const handleSystemEventFetch: Handler = async (message, front) => {
  const event = await front.requests.fetchSystemEvent({ caller: message.headers.caller, ...readFetch(message) });
  return { bytes: answer(message, front, fromSystemEvent(event)), isLogged: false };
};

/** Forgets a result; that it is gone and that it was said are one transaction. */
const handleDeletion: Handler = async (message, front) => {
  const { correlationUid } = message.content as ElementTypes["sm-common:DeleteResponseDataRequest"];
  fileUnderCorrelationUid(message, correlationUid);
  const bytes = answer(message, front, { Result: "OK", resultString: DELETED_TEXT });
  const entries = front.log.entries(message, bytes);
  await front.requests.deleteResponseData({ caller: message.headers.caller, correlationUid, entries });
  return { bytes, isLogged: true };
};

/** Lists devices at once: nothing is asked of them. */
const handleDeviceList: Handler = async (message, front) => {
  const { Page: page } = message.content as ElementTypes["sm-management:GetDevicesRequest"];
  const devices = await front.requests.listDevices({ caller: message.headers.caller, page });
  return { bytes: answer(message, front, fromDevicePage(devices)), isLogged: false };
};

/**
 * Operations that are not one action in two steps of request and fetch, by name: bundles, what answers at once, alarms,
 * which come from the meter by themselves, and what the platform noticed, so that there is a result to fetch and no
 * request.
 */
export const HANDLERS: Readonly<Record<string, Handler>> = {
  Bundle: handleBundle,
  GetBundleResponse: handleBundleFetch,
  DeleteResponseData: handleDeletion,
  GetDevices: handleDeviceList,
  GetPushNotificationAlarm: handleAlarmFetch,
  RetrievePushNotificationAlarm: handleAlarmRetrieval,
  GetSystemEvent: handleSystemEventFetch,
};

/**
 * The response for the outcome of a request with one action.
 * @throws SoapFault for an error of an operation whose errors are faults
 */
function responseOf(form: SingleForm, outcome: RequestOutcome): object {
  const error = errorOf(outcome);
  if (error) {
    if (!form.toErrorResponse) throw errorFault(error);
    return form.toErrorResponse(error);
  }
  const [action] = "actions" in outcome ? outcome.actions : [];
  if (!action?.ok) throw new MetergateError("INTERNAL", "The request ended without an outcome");
  return form.toResponse(action.result);
}

function errorOf(outcome: RequestOutcome): ErrorRecord | undefined {
  if ("error" in outcome) return outcome.error;
  const failed = outcome.actions.find((action) => !action.ok);
  return failed && !failed.ok ? failed.error : undefined;
}
