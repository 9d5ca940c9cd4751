import { ERROR_CATALOGUE, type ErrorCode, MetergateError } from "../../domain/errors.ts";
import { type Clock, sleep } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import {
  type Command,
  type CommandAnswer,
  decodeHandedOn,
  encodeCommand,
  type HandedOn,
} from "./codec/send-command.ts";
import type { EkmGateway } from "./device.ts";
import type { MessageTrace } from "./message-trace.ts";
import { ResponseChannel } from "./response-channel.ts";
import { SUBSCRIBE_TIMEOUT_MS, type Subscriber, subscribe } from "./subscribe.ts";

export interface CloudParts extends Subscriber {
  readonly clock: Clock;
  readonly random: Random;
  readonly timeouts: {
    /** For an HTTP exchange. */
    readonly ekmRequestTimeoutMs: number;
    /** For the gateway's answer to a command that was handed on. */
    readonly ekmAnswerTimeoutMs: number;
  };
}

/** A gateway with what opens it. */
export interface OpenGateway {
  readonly gateway: EkmGateway;
  readonly key: string;
  readonly token?: string | undefined;
}

/** What is written down of a command before and after it is sent: another attempt goes on from there. */
export interface CommandNote {
  /** Which command, in a few digits. */
  readonly what?: string | undefined;
  /** When it was about to be sent, epoch milliseconds. */
  readonly sentMs: number;
  readonly channel: string;
  readonly host?: string | undefined;
  /** Absent as long as the cloud has not said that it handed the command on. */
  readonly msgId?: string | undefined;
}

export interface CommandMemory {
  /** What an earlier attempt wrote down; undefined when none sent it. */
  readonly note: CommandNote | undefined;
  /** Durable when it resolves; null when the command was certainly not handed on. */
  keep(note: CommandNote | null): Promise<void>;
}

/** What became of a command. */
export type CommandEnd =
  | { readonly kind: "answered"; readonly answer: CommandAnswer }
  /** It may have reached the meter; `verdict` is what a look at the meter gave. */
  | { readonly kind: "unknown"; readonly why: string; readonly verdict: Verdict };

/** What a look at the meter shows of a command whose answer is missing. */
export interface Verdict {
  /** `nothing`: no look could be had, or it tells nothing of the command. */
  readonly shows: "as-asked" | "otherwise" | "nothing";
  /** For people. */
  readonly text: string;
  /** When it was taken, epoch milliseconds. */
  readonly timeMs?: number | undefined;
}

/** Errors that say that the cloud was not reached or did nothing. All others leave open whether a command was handed on. */
const CERTAIN: readonly ErrorCode[] = [
  ...(["DEVICE_REFUSED", "AUTHENTICATION_ERROR", "SERVICE_BUSY", "UNAUTHORIZED"] as const),
  ...(["CONNECTION_REFUSED", "INVALID_IP_ADDRESS", "INTERNAL"] as const),
];

/** Channels that are listened to although nobody waits for an answer there: the next command finds its own open. */
const MOST_IDLE_CHANNELS = 64;

/** Name of the caller among those that command the same gateway. */
const CLIENT = "metergate";

/** The cloud as all runs share it: its channels, and how a command comes to its end. */
export class Cloud {
  readonly #parts: CloudParts;
  readonly #channels = new Map<string, ResponseChannel>();
  /** By gateway: our channel, and its host as soon as that is known. */
  readonly #homes = new Map<string, { readonly channel: string; host: string | undefined }>();

  constructor(parts: CloudParts) {
    this.#parts = parts;
  }

  /** Stops listening. */
  close(): void {
    for (const channel of [...this.#channels.values()]) channel.close();
  }

  /**
   * Sends a command, once, and waits for its answer. What an earlier attempt sent is not sent again: its answer is looked
   * for instead.
   * @param look taken when no answer came in time, with the time since when it has to be; a late answer still counts
   * @throws MetergateError when the command was certainly not handed on
   */
  async command(
    at: OpenGateway,
    meterAddress: string,
    command: Command,
    context: {
      readonly memory: CommandMemory;
      readonly signal: AbortSignal;
      /** Of a device that is debugged. */
      readonly trace?: MessageTrace | undefined;
      heard(): void;
      look(sinceMs: number, signal: AbortSignal): Promise<Verdict>;
    },
  ): Promise<CommandEnd> {
    const { memory, signal, trace, heard, look } = context;
    const ends = new AbortController();
    const all = AbortSignal.any([signal, ends.signal]);
    const releases: (() => void)[] = [];
    const need = (host: string, channel: string, backlog: boolean) => {
      const opened = this.#channel(at.gateway, host, channel, backlog);
      releases.push(opened.need());
      return opened;
    };
    const unknown = async (why: string, answer?: Promise<CommandAnswer>): Promise<CommandEnd> => {
      const looked = look(this.#parts.clock.now(), all);
      const first = await (answer ? Promise.race([answer, looked]) : looked);
      return "msgId" in first ? { kind: "answered", answer: first } : { kind: "unknown", why, verdict: first };
    };
    try {
      const sent = memory.note ?? (await this.#send(at, meterAddress, command, { memory, trace, signal: all, need }));
      heard();
      const { msgId, channel, host } = sent;
      if (msgId === undefined) return await unknown("it is not known whether the cloud handed the command on");
      if (host === undefined || !isNear(host, at.gateway)) {
        return await unknown(`the answer is at ${host}, which is not the cloud's`);
      }
      const answer = need(host, channel, true)
        .answerTo(msgId, all)
        .then((each) => {
          heard();
          trace?.keep("from-device", command.name, each.text);
          return each;
        });
      const inTime = await Promise.race([answer, this.#afterAnswerTimeout(all)]);
      if (inTime) return { kind: "answered", answer: inTime };
      signal.throwIfAborted();
      return await unknown(`no answer came within ${this.#parts.timeouts.ekmAnswerTimeoutMs / 1000} s`, answer);
    } finally {
      ends.abort();
      for (const release of releases) release();
    }
  }

  /** Listens, then sends; gives what is known of the command then. */
  async #send(
    at: OpenGateway,
    meterAddress: string,
    command: Command,
    context: {
      readonly memory: CommandMemory;
      readonly trace: MessageTrace | undefined;
      readonly signal: AbortSignal;
      need(host: string, channel: string, backlog: boolean): ResponseChannel;
    },
  ): Promise<CommandNote> {
    const { gateway } = at;
    const { memory, trace, signal, need } = context;
    const home = this.#homeOf(gateway);
    const own = home.host === undefined ? undefined : need(home.host, home.channel, false);
    await own?.standing(SUBSCRIBE_TIMEOUT_MS, signal);
    const begun = { sentMs: this.#parts.clock.now(), channel: home.channel, host: home.host };
    await memory.keep(begun);
    let handedOn: HandedOn;
    try {
      handedOn = await this.#post(at, meterAddress, command, { channel: home.channel, trace, signal });
    } catch (error) {
      if (!(error instanceof MetergateError)) throw error;
      if (CERTAIN.includes(error.code)) {
        await memory.keep(null);
        throw error;
      }
      return begun;
    }
    const note = { ...begun, ...handedOn };
    await memory.keep(note);
    if (isNear(handedOn.host, gateway)) home.host = handedOn.host;
    return note;
  }

  async #post(
    at: OpenGateway,
    meterAddress: string,
    command: Command,
    { channel, trace, signal }: { channel: string; trace: MessageTrace | undefined; signal: AbortSignal },
  ) {
    const { url, headers, keyInBody } = callOf(at, "/sendCommand");
    const addressing = { meterAddress, client: CLIENT, channel, key: keyInBody };
    const body = encodeCommand(command, addressing);
    trace?.keep("to-device", command.name, body);
    const answer = await this.#parts.http.request({
      ...{ method: "POST", url, headers: { ...headers, "content-type": "application/json" } },
      ...{ body, isAllowed: () => true, signal },
      timeoutMs: this.#parts.timeouts.ekmRequestTimeoutMs,
    });
    trace?.keep("from-device", command.name, answer.body);
    return decodeHandedOn(answer.status, answer.body);
  }

  /** Our channel at a gateway: nobody can guess its name, and no other gateway is told it. */
  #homeOf({ identification, ekm }: EkmGateway) {
    const known = this.#homes.get(identification);
    if (known) return known;
    const channel = `metergate_${Buffer.from(this.#parts.random.bytes(18)).toString("base64url")}`;
    const home = { channel, host: ekm.responseHost };
    this.#homes.set(identification, home);
    return home;
  }

  #channel({ ekm }: EkmGateway, host: string, channel: string, backlog: boolean): ResponseChannel {
    const place = { secure: ekm.url.startsWith("https:"), host, channel, transport: ekm.stream };
    const key = JSON.stringify(place);
    const known = this.#channels.get(key);
    if (known) return known;
    const idle = [...this.#channels.values()].filter(({ isIdle }) => isIdle);
    for (const each of idle.slice(0, Math.max(0, idle.length - MOST_IDLE_CHANNELS + 1))) each.close();
    const opened = new ResponseChannel({
      listen: (withBacklog, signal) => subscribe(this.#parts, place, withBacklog, signal),
      clock: this.#parts.clock,
      wasStanding: backlog,
      onIdle: () => this.#channels.delete(key),
    });
    this.#channels.set(key, opened);
    return opened;
  }

  async #afterAnswerTimeout(signal: AbortSignal): Promise<undefined> {
    await sleep(this.#parts.clock, this.#parts.timeouts.ekmAnswerTimeoutMs, signal);
  }
}

/** Address and headers of a call, as the gateway's record says that calls are authorised; a key is in no address that can do without. */
export function callOf(
  { gateway, key, token }: OpenGateway,
  path: string,
): { url: URL; headers: Record<string, string>; keyInBody: string | undefined } {
  const { url: base, access, mac } = gateway.ekm;
  const url = new URL(path, base);
  if (access === "account-key") {
    url.searchParams.set("key", key);
    if (mac !== undefined) url.searchParams.set("gateway", mac);
    return { url, headers: {}, keyInBody: undefined };
  }
  return { url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` }, keyInBody: key };
}

/** Whether a host that the cloud names for its answers is the cloud's: the one that is known, or of the same domain. */
function isNear(host: string, { ekm: { url, responseHost } }: Pick<EkmGateway, "ekm">): boolean {
  if (host === responseHost) return true;
  const [name, own] = [host.replace(/:\d+$/, ""), new URL(url).hostname];
  if (name === own) return true;
  const isName = (each: string) => /[a-z]$/i.test(each);
  const domain = own.split(".").slice(-2).join(".");
  return isName(own) && isName(name) && own.includes(".") && name.endsWith(`.${domain}`);
}

/** In words, for an outcome that is not known. */
export function outcomeUnknown(command: string, why: string, { shows, text }: Verdict): MetergateError {
  const seen = shows === "nothing" ? `the meter cannot be asked: ${text}` : text;
  return new MetergateError("OUTCOME_UNKNOWN", `${command}: ${why}; ${seen}. It was not sent again.`, {
    retry: ERROR_CATALOGUE.OUTCOME_UNKNOWN.retry,
  });
}
