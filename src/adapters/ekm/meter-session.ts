import { MetergateError } from "../../domain/errors.ts";
import { type Clock, since, sleep } from "../../lib/clock.ts";
import type { Confirmation } from "../../operations/ekm.ts";
import { type Cloud, type CommandMemory, callOf, type OpenGateway, outcomeUnknown, type Verdict } from "./cloud.ts";
import type { JsonObject } from "./codec/json.ts";
import { decodeReadings, type RawReading } from "./codec/readings.ts";
import type { Command, CommandAnswer } from "./codec/send-command.ts";
import type { EkmMeter } from "./device.ts";
import type { Http } from "./ports.ts";

/** Whether a reading shows what a command was to do: "nothing" when it cannot tell. */
export type LookAt = (reading: RawReading) => Verdict["shows"];

export interface MeterSessionParts {
  readonly cloud: Cloud;
  readonly http: Http;
  readonly clock: Clock;
  readonly at: OpenGateway;
  readonly meter: EkmMeter;
  /** Eight digits. */
  readonly password: string;
  /** For reading: v3 or v4. */
  readonly readVersion: string;
  readonly timeouts: { readonly ekmRequestTimeoutMs: number; readonly ekmLookTimeoutMs: number };
  /** Of the command with this number in its action, counted from 0. */
  readonly memory: (step: number) => CommandMemory;
  readonly signal: AbortSignal;
  heard(): void;
}

/** Readings are taken once a minute or less often, so that looking more often shows nothing new. */
const LOOK_EVERY_MS = 15_000;

/** What one action says to one meter. */
export class MeterSession {
  readonly #parts: MeterSessionParts;
  #step = 0;

  constructor(parts: MeterSessionParts) {
    this.#parts = parts;
  }

  /**
   * Has the meter change something.
   * @param look whether a reading shows that it did; absent where no reading can
   * @throws MetergateError DEVICE_REFUSED when it said no; OUTCOME_UNKNOWN when its answer is missing and no reading shows
   * the effect
   */
  async change(name: string, params: JsonObject, look?: LookAt): Promise<Confirmation> {
    const command = { name, params: { ...params, meter_password: this.#parts.password } };
    const end = await this.#send(command, (sinceMs, signal) => this.#look(look, sinceMs, signal));
    if (end.kind === "answered") return { by: "ANSWER", timeMs: this.#accepted(name, end.answer).receivedMs };
    const { why, verdict } = end;
    if (verdict.shows === "as-asked") return { by: "READING", timeMs: verdict.timeMs };
    throw outcomeUnknown(name, why, verdict);
  }

  /** The latest readings, the latest first. */
  async readings(count: number, signal: AbortSignal = this.#parts.signal): Promise<RawReading[]> {
    const { http, at, meter, readVersion, timeouts, heard } = this.#parts;
    const { url, headers } = callOf(at, "/readMeter");
    const { meterAddress } = meter.ekm;
    const asked = { key: at.key, meters: meterAddress, ver: readVersion, fmt: "json", cnt: String(count) };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    const { status, body } = await http.request({
      ...{ method: "GET", url, headers, isAllowed: () => true, timeoutMs: timeouts.ekmRequestTimeoutMs, signal },
    });
    heard();
    return decodeReadings(status, body, meterAddress);
  }

  #send(command: Command, look: (sinceMs: number, signal: AbortSignal) => Promise<Verdict>) {
    const { cloud, at, meter, signal, heard, memory } = this.#parts;
    return cloud.command(at, meter.ekm.meterAddress, command, { memory: memory(this.#step++), signal, heard, look });
  }

  #accepted(name: string, answer: CommandAnswer): CommandAnswer {
    if (answer.success) return answer;
    throw new MetergateError("DEVICE_REFUSED", `${name} was refused: ${this.#withoutSecrets(answer.error)}`);
  }

  #withoutSecrets(words: string): string {
    const { at, password } = this.#parts;
    let text = words;
    for (const secret of [at.key, at.token, password]) if (secret) text = text.replaceAll(secret, "***");
    return text;
  }

  /** Waits for a reading that was taken after `sinceMs`, and looks at it. */
  async #look(look: LookAt | undefined, sinceMs: number, signal: AbortSignal): Promise<Verdict> {
    if (!look) return { shows: "nothing", text: "no reading shows what the command changes" };
    const { clock, timeouts } = this.#parts;
    const begun = clock.elapsed();
    let failure = "";
    for (;;) {
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
