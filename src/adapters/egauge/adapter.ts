import type { Adapter, AdapterRun } from "../../domain/adapter.ts";
import type { Device } from "../../domain/device.ts";
import { MetergateError, toErrorRecord } from "../../domain/errors.ts";
import type { DeviceMessages, MeterRecords, PlatformKeys, SecretVault } from "../../domain/family-ports.ts";
import type { Action, ActionOutcome, OperationName } from "../../domain/request.ts";
import { toHex } from "../../lib/bytes.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { currentRequest } from "../../operations/registry.ts";
import type { HttpClient } from "../../transport/http-client.ts";
import { runActions } from "../run-actions.ts";
import { asEgaugeDevice, type EgaugeDevice, PASSWORD } from "./device.ts";
import type { OperationContext } from "./execution.ts";
import { MeterHttp } from "./meter-http.ts";
import { EXECUTIONS } from "./operations/index.ts";
import { MeterSession, type TokenPlace } from "./session.ts";
import { MeterTrace } from "./trace.ts";

/** Meters whose tokens are kept between runs. */
const MOST_TOKENS = 10_000;
const CLIENT_NONCE_OCTETS = 16;

/** What eGauge meters are reached with. */
export interface EgaugeAdapterParts {
  readonly http: HttpClient;
  readonly vault: Omit<SecretVault, "hasNew">;
  readonly platformKeys: PlatformKeys;
  readonly records: MeterRecords;
  /** Of devices that are debugged. */
  readonly messages: DeviceMessages;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeoutMs: number;
  /** Milliseconds between the first looks at something that takes its time. */
  readonly pollMs: number;
}

/** eGauge meters, at their own address or behind the maker's proxy. */
export class EgaugeAdapter implements Adapter {
  readonly family = "egauge";
  readonly #parts: EgaugeAdapterParts;
  readonly #tokens = new Map<string, TokenPlace>();

  constructor(parts: EgaugeAdapterParts) {
    this.#parts = parts;
  }

  whyUnsupported(_target: Device, device: Device, operation: OperationName, request?: object): string | undefined {
    const entry = EXECUTIONS.get(operation);
    return entry ? entry.missing(asEgaugeDevice(device), request) : `${operation} is not offered for eGauge meters`;
  }

  close(): Promise<void> {
    return this.#parts.http.close();
  }

  async run(run: AdapterRun): Promise<void> {
    const device = asEgaugeDevice(run.device);
    const { correlationUid, signal } = run;
    const meter = this.#sessionFor(run, device);
    await runActions(run, this.#parts.clock, async (action, position) => {
      const outcome = await perform(action, {
        ...{ ...this.#parts, meter, device, correlationUid, signal, actionId: `${correlationUid}/${position}` },
        note: (note) => run.note(position, note),
        noted: async () => (run.attempt > 1 ? run.noted(position) : undefined),
        notedBy: (other) => run.notedBy(other),
        progress: (done, total) => run.progress(position, done, total),
      });
      // Whoever sees the result finds how it came about.
      if (device.debugging) await this.#parts.messages.kept();
      return outcome;
    });
  }

  #sessionFor({ correlationUid, signal, heard, caller, actions }: AdapterRun, device: EgaugeDevice): MeterSession {
    const { http, vault, clock, random, timeoutMs, messages } = this.#parts;
    const { identification, egauge, debugging } = device;
    const about = { service: this.family, operation: actions[0]?.operation ?? "", device: identification };
    const trace = debugging ? new MeterTrace(messages, { ...about, caller, correlationUid }) : undefined;
    const purpose = { purpose: "login", correlationUid };
    return new MeterSession({
      http: new MeterHttp(http, egauge, timeoutMs, signal, trace),
      ...{ clock, heard, user: egauge.user, host: egauge.host },
      place: this.#placeOf(identification),
      clientNonce: () => toHex(random.bytes(CLIENT_NONCE_OCTETS)).toLowerCase(),
      async passwords() {
        const active = await vault.getActive(identification, PASSWORD, purpose);
        if (!active) throw new MetergateError("KEY_NOT_PRESENT", `${identification} has no ${PASSWORD}`);
        const next = await vault.getNew(identification, PASSWORD, purpose);
        return [active, ...(next ? [next] : [])].map((octets) => Buffer.from(octets).toString());
      },
      // A change whose answer got lost, and that the meter took.
      proved: async (place) => (place === 0 ? undefined : vault.activate(identification, [PASSWORD])),
    });
  }

  #placeOf(device: string): TokenPlace {
    const place = this.#tokens.get(device) ?? {};
    this.#tokens.delete(device);
    this.#tokens.set(device, place);
    const [oldest] = this.#tokens.keys();
    if (this.#tokens.size > MOST_TOKENS && oldest !== undefined) this.#tokens.delete(oldest);
    return place;
  }
}

/**
 * Runs one action. What the meter or the request is at fault for is its outcome.
 * @throws MetergateError when the meter cannot be talked to
 */
async function perform(action: Action, context: OperationContext): Promise<ActionOutcome> {
  try {
    const execution = EXECUTIONS.get(action.operation);
    const request = execution && currentRequest(execution.operation, action);
    const missing = execution ? execution.missing(context.device, request) : "is not offered for eGauge meters";
    if (missing !== undefined) throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", missing);
    return { ok: true, result: await execution!.run(context, request!) };
  } catch (thrown) {
    if (thrown === context.meter.failure || !(thrown instanceof MetergateError)) throw thrown;
    return { ok: false, error: toErrorRecord(thrown) };
  }
}
