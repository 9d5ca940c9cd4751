import { MetergateError } from "../../domain/errors.ts";
import { SUMMARIES } from "../../ekm/unverified.ts";
import { type Clock, since, sleep } from "../../lib/clock.ts";
import { sha256Hex } from "../../lib/sha256.ts";
import type { Confirmation } from "../../operations/ekm.ts";
import type { Operation } from "../../operations/operation.ts";
import type { HttpAnswer } from "../../transport/http-client.ts";
import { type Cloud, type CommandMemory, callOf, type OpenGateway, outcomeUnknown, type Verdict } from "./cloud.ts";
import type { JsonObject } from "./codec/json.ts";
import { decodeReadings, type RawReading } from "./codec/readings.ts";
import type { CommandAnswer } from "./codec/send-command.ts";
import { decodeSummaries } from "./codec/summaries.ts";
import { decodeTariffTables } from "./codec/tariff-tables.ts";
import type { EkmMeter } from "./device.ts";
import { type MessageTrace, withoutSecrets } from "./message-trace.ts";
import type { MeterPasswords } from "./passwords.ts";
import type { Http } from "./ports.ts";
import { type Look, NOWHERE } from "./shows.ts";

export interface MeterSessionParts {
  readonly cloud: Cloud;
  readonly http: Http;
  readonly clock: Clock;
  readonly at: OpenGateway;
  readonly meter: EkmMeter;
  readonly passwords: MeterPasswords;
  /** What the operation does to the meter: the same again does harm or none. */
  readonly effect: Operation["effect"];
  /** For reading: v3 or v4. */
  readonly readVersion: string;
  readonly timeouts: { readonly ekmRequestTimeoutMs: number; readonly ekmLookTimeoutMs: number };
  /** Of the command with this number in its action, counted from 0. */
  readonly memory: (step: number) => CommandMemory;
  readonly signal: AbortSignal;
  /** Of a device that is debugged. */
  readonly trace?: MessageTrace | undefined;
  heard(): void;
}

/** Readings are taken once a minute or less often, so that looking more often shows nothing new. */
const LOOK_EVERY_MS = 15_000;

/** Rows that the cloud is asked for at once. */
export const MOST_SUMMARIES = 1000;

/** Of a command that only asks: it may be sent again. */
const FORGETFUL: CommandMemory = { note: undefined, keep: async () => {} };

interface Change {
  readonly name: string;
  readonly params: JsonObject;
  readonly password: string;
  readonly look: Look;
}

/** What one action says to one meter. */
export class MeterSession {
  readonly #parts: MeterSessionParts;
  #step = 0;

  constructor(parts: MeterSessionParts) {
    this.#parts = parts;
  }

  /**
   * Has the meter change something.
   * @param look how it can be seen that it did
   * @throws MetergateError DEVICE_REFUSED when it said no; OUTCOME_UNKNOWN when its answer is missing and nothing shows
   * the effect
   */
  async change(name: string, params: JsonObject, look: Look): Promise<Confirmation> {
    const { passwords } = this.#parts;
    const first = await this.#change(
      { name, params, password: passwords.active, look },
      this.#nextMemory(name, params),
    );
    if (!(first instanceof MetergateError)) return first;
    // A password whose change was never confirmed may be the one in use; what is refused was not done.
    const next = await passwords.next();
    if (next === undefined) throw first;
    const second = await this.#change({ name, params, password: next, look }, this.#nextMemory(name, params));
    if (second instanceof MetergateError) throw first;
    await passwords.nextIsInUse();
    return second;
  }

  /** Gives the meter another password. @throws MetergateError as `change` */
  async changePassword(password: string): Promise<Confirmation> {
    const { passwords } = this.#parts;
    const params = { new_password: password };
    const command = { name: "SetMeterPassword", params, password: passwords.active, look: NOWHERE };
    const confirmation = await this.#change(command, this.#nextMemory(command.name, {}));
    if (confirmation instanceof MetergateError) throw confirmation;
    return confirmation;
  }

  /**
   * Finds out whether the meter has the password of a change whose end is not known, by setting that very password with
   * itself: a meter that has another one refuses.
   */
  async settlePassword(): Promise<void> {
    const { passwords } = this.#parts;
    const next = await passwords.next();
    if (next === undefined) return;
    const command = { name: "SetMeterPassword", params: { new_password: next }, password: next, look: NOWHERE };
    const answer = await this.#change(command, FORGETFUL);
    if (!(answer instanceof MetergateError)) await passwords.nextIsInUse();
  }

  /** What is known of the next command, if it is this one. The note holds a hash of it, without a password. */
  #nextMemory(name: string, params: JsonObject): CommandMemory {
    const { note, keep } = this.#parts.memory(this.#step++);
    const what = sha256Hex(JSON.stringify([name, params])).slice(0, 16);
    return {
      note: note?.what === what ? note : undefined,
      keep: (next) => keep(next && { ...next, what }),
    };
  }

  /** @returns the refusal when the meter refused */
  async #change(
    { name, params, password, look }: Change,
    memory: CommandMemory,
  ): Promise<Confirmation | MetergateError> {
    const { effect, clock } = this.#parts;
    const command = { name, params: { ...params, meter_password: password } };
    const sentMs = memory.note?.sentMs ?? clock.now();
    const send = (by: CommandMemory) =>
      this.#send(command, by, (sinceMs, signal) => this.#look(look, sentMs, sinceMs, signal));
    const isResumed = memory.note !== undefined;
    let end = await send(memory);
    if (isResumed && end.kind === "unknown" && end.verdict.shows !== "as-asked" && effect === "writes") {
      // The process ended before it knew whether the command went out, and the same again does no harm.
      end = await send({ note: undefined, keep: memory.keep });
    }
    if (end.kind === "answered") {
      const { success, receivedMs } = end.answer;
      return success ? { by: "ANSWER", timeMs: receivedMs } : this.#refusal(name, end.answer);
    }
    const { why, verdict } = end;
    if (verdict.shows === "as-asked") return { by: "READING", timeMs: verdict.timeMs };
    throw outcomeUnknown(name, why, verdict);
  }

  /**
   * Asks the meter for something.
   * @throws MetergateError RESPONSE_TIMEOUT when no answer came in time; DEVICE_REFUSED
   */
  async ask(name: string, signal: AbortSignal = this.#parts.signal): Promise<JsonObject> {
    const end = await this.#send({ name }, FORGETFUL, async () => ({ shows: "nothing", text: "" }), signal);
    if (end.kind === "unknown") throw new MetergateError("RESPONSE_TIMEOUT", `${name}: ${end.why}`);
    const { success, data } = end.answer;
    if (!success) throw this.#refusal(name, end.answer);
    if (data) return data;
    throw new MetergateError("ILLEGAL_RESPONSE", `${name} was answered without what it asks for`);
  }

  /** The latest readings, the latest first. */
  async readings(count: number, signal: AbortSignal = this.#parts.signal): Promise<RawReading[]> {
    const { at, meter, readVersion } = this.#parts;
    const { meterAddress } = meter.ekm;
    const asked = { key: at.key, meters: meterAddress, ver: readVersion, fmt: "json", cnt: String(count) };
    const { status, body } = await this.#get("readMeter", callOf(at, "/readMeter"), asked, signal);
    return decodeReadings(status, body, meterAddress);
  }

  /**
   * What counted at the beginnings of days or months, as far as the cloud has them; the oldest first.
   * @param from and `until`: local time of the meter, as `2026-01-31T12:00:00`
   */
  async summaries(report: string, from: string, until: string): Promise<RawReading[]> {
    const { at, meter, signal } = this.#parts;
    const { meterAddress } = meter.ekm;
    const minutes = (local: string) => local.slice(0, 16).replace(/\D/g, "");
    const asked = {
      ...{ key: at.key, devices: meterAddress, format: "json", report, limit: String(MOST_SUMMARIES), offset: "0" },
      ...{ fields: "kWh_Tot~Rev_kWh_Tot", timezone: meter.timezone.replaceAll("/", "~") },
      ...{ start_date: minutes(from), end_date: minutes(until) },
    };
    const url = new URL(SUMMARIES.path, at.gateway.ekm.summaryUrl);
    const { headers } = callOf(at, "/");
    const { status, body } = await this.#get("summaries", { url, headers }, asked, signal);
    return decodeSummaries(status, body, meterAddress);
  }

  async #get(
    what: string,
    { url, headers }: Pick<ReturnType<typeof callOf>, "url" | "headers">,
    asked: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { http, timeouts, trace, heard } = this.#parts;
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    trace?.keep("to-device", what, `GET ${url.pathname}${url.search}`);
    const answer = await http.request({
      ...{ method: "GET", url, headers, isAllowed: () => true, timeoutMs: timeouts.ekmRequestTimeoutMs, signal },
    });
    heard();
    trace?.keep("from-device", what, answer.body);
    return answer;
  }

  /** The latest reading. @throws MetergateError ILLEGAL_RESPONSE when the cloud has none */
  async latest(): Promise<RawReading> {
    const [reading] = await this.readings(1);
    if (reading) return reading;
    const text = `the cloud has no reading of meter ${this.#parts.meter.ekm.meterAddress}`;
    throw new MetergateError("ILLEGAL_RESPONSE", text);
  }

  #send(
    command: { name: string; params?: JsonObject },
    memory: CommandMemory,
    look: (sinceMs: number, signal: AbortSignal) => Promise<Verdict>,
    signal = this.#parts.signal,
  ) {
    const { cloud, at, meter, trace, heard } = this.#parts;
    return cloud.command(at, meter.ekm.meterAddress, command, { memory, signal, trace, heard, look });
  }

  #refusal(name: string, { error }: CommandAnswer): MetergateError {
    const { at, passwords } = this.#parts;
    const words = withoutSecrets(error, [at.key, at.token, ...passwords.known()]);
    return new MetergateError("DEVICE_REFUSED", `${name} was refused: ${words}`);
  }

  async #look(look: Look, sentMs: number, sinceMs: number, signal: AbortSignal): Promise<Verdict> {
    if (look.in === "nothing") return { shows: "nothing", text: "no reading shows what the command changes" };
    if (look.in === "reading") return this.#lookAtReading((reading) => look.shows(reading, sentMs), sinceMs, signal);
    try {
      const shows = look.shows(decodeTariffTables(await this.ask("GetSchedules", signal)));
      const text = shows === "as-asked" ? "its tables show the effect" : "its tables do not show the effect";
      return { shows, text, timeMs: this.#parts.clock.now() };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof MetergateError)) throw error;
      return { shows: "nothing", text: error.message };
    }
  }

  /** Waits for a reading that was taken after `sinceMs`, and looks at it. */
  async #lookAtReading(
    look: (reading: RawReading) => Verdict["shows"],
    sinceMs: number,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const { clock, timeouts } = this.#parts;
    const begun = clock.elapsed();
    for (let failure = ""; ; ) {
      try {
        const [reading] = await this.readings(1, signal);
        if (reading && reading.timeMs > sinceMs) {
          const shows = look(reading);
          const words = {
            "as-asked": "shows the effect",
            otherwise: "does not show the effect",
            nothing: "cannot tell",
          };
          const time = new Date(reading.timeMs).toISOString();
          return { shows, text: `a reading of ${time} ${words[shows]}`, timeMs: reading.timeMs };
        }
        failure = reading ? `its latest reading is of ${new Date(reading.timeMs).toISOString()}` : "it has no readings";
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof MetergateError)) throw error;
        failure = error.message;
      }
      const leftMs = timeouts.ekmLookTimeoutMs - since(clock, begun);
      if (leftMs <= 0) return { shows: "nothing", text: failure };
      await sleep(clock, Math.min(LOOK_EVERY_MS, leftMs), signal);
      signal.throwIfAborted();
    }
  }
}
