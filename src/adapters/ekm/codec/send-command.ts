import { MetergateError } from "../../../domain/errors.ts";
import { TARGET_METER } from "../../../ekm/unverified.ts";
import { isObject, type JsonObject, parseObject, wordsOf } from "./json.ts";

/** A command for a meter, as the cloud takes it. */
export interface Command {
  readonly name: string;
  /** Absent when it has none. */
  readonly params?: JsonObject | undefined;
}

/** Where a command goes, and where its answer. */
export interface Addressing {
  /** Twelve digits. */
  readonly meterAddress: string;
  /** Name of the caller among those that command the same gateway. */
  readonly client: string;
  readonly channel: string;
  /** Of the gateway, where it is not in the request's address. */
  readonly key?: string | undefined;
}

/** The body of POST /sendCommand. */
export function encodeCommand({ name, params }: Command, { meterAddress, client, channel, key }: Addressing): string {
  return JSON.stringify({
    ...(key !== undefined && { key }),
    command: name,
    target: TARGET_METER,
    target_id: meterAddress,
    client,
    response_channel_id: channel,
    ...(params && { params }),
  });
}

/** What the cloud says of a command that it handed on: nothing of what became of it. */
export interface HandedOn {
  /** By which its answer is known. */
  readonly msgId: string;
  readonly channel: string;
  /** Host name, with a port where it is not the usual one. */
  readonly host: string;
}

/** Statuses that say: not now, and nothing was done. */
const BUSY = [429, 503];

/**
 * Reads the answer of POST /sendCommand.
 * @throws MetergateError DEVICE_REFUSED when the cloud says no; AUTHENTICATION_ERROR when it does not take the key;
 * SERVICE_BUSY when it takes nothing now. All of these say that nothing was handed on; ILLEGAL_RESPONSE leaves it open.
 */
export function decodeHandedOn(status: number, body: string): HandedOn {
  if (status === 200) {
    const {
      msg_id: msgId,
      response_channel_id: channel,
      response_channel_host: host,
    } = parseObject(body, "the answer");
    if (typeof msgId === "string" && /^[\x21-\x7e]{1,100}$/.test(msgId) && isName(channel) && isHost(host)) {
      return { msgId, channel, host };
    }
    throw new MetergateError("ILLEGAL_RESPONSE", "the answer to a command does not say where its result comes");
  }
  const reason = reasonOf(body);
  if (status === 401 || status === 403) {
    const text = `the cloud does not take the gateway's key: ${reason}`;
    throw new MetergateError("AUTHENTICATION_ERROR", text, { retry: false });
  }
  if (BUSY.includes(status)) {
    throw new MetergateError("SERVICE_BUSY", `the cloud takes no command now (HTTP ${status}): ${reason}`);
  }
  if (status >= 400 && status < 500) {
    throw new MetergateError("DEVICE_REFUSED", `the cloud refused the command (HTTP ${status}): ${reason}`);
  }
  throw new MetergateError("ILLEGAL_RESPONSE", `the cloud answered a command with HTTP ${status}`);
}

function reasonOf(body: string): string {
  try {
    return wordsOf(parseObject(body, "the answer").error);
  } catch {
    return wordsOf(undefined);
  }
}

/** What may stand in a path: nothing there leads elsewhere. */
function isName(text: unknown): text is string {
  return typeof text === "string" && /^[A-Za-z0-9_+=:-]([A-Za-z0-9_+=:./-]{0,198})$/.test(text) && !text.includes("..");
}

function isHost(text: unknown): text is string {
  return typeof text === "string" && /^[A-Za-z0-9]([A-Za-z0-9.-]{0,252})(:\d{1,5})?$/.test(text);
}

/** What became of a command. */
export interface CommandAnswer {
  readonly msgId: string;
  /** When the gateway got it, epoch milliseconds; undefined when that is not told. */
  readonly receivedMs?: number | undefined;
  readonly success: boolean;
  /** Why not, in the gateway's words. */
  readonly error: string;
  /** What was asked for, of commands that ask. */
  readonly data?: JsonObject | undefined;
  /** The message as it came. */
  readonly text: string;
}

/** Beyond it a number of seconds is no time that JavaScript knows. */
const LATEST_SECONDS = 8.64e12;

/**
 * Reads a message of a response channel; undefined for what is none.
 * @param text one JSON object
 */
export function decodeAnswer(text: string): CommandAnswer | undefined {
  let message: JsonObject;
  try {
    message = parseObject(text, "a message");
  } catch {
    return undefined;
  }
  const { msg_id: msgId, timestamp, success, error, data } = message;
  if (typeof msgId !== "string" || typeof success !== "boolean") return undefined;
  const isTime = typeof timestamp === "number" && timestamp > 0 && timestamp < LATEST_SECONDS;
  return {
    ...{ msgId, success, error: wordsOf(error), text },
    ...(isTime && { receivedMs: Math.round(timestamp * 1000) }),
    ...(isObject(data) && { data }),
  };
}
