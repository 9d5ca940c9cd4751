import type { Adapter, AdapterRun } from "../../domain/adapter.ts";
import type { Device } from "../../domain/device.ts";
import { MetergateError, toErrorRecord } from "../../domain/errors.ts";
import type { DeviceMessages } from "../../domain/family-ports.ts";
import type { Action, ActionOutcome, OperationName } from "../../domain/request.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { currentRequest } from "../../operations/registry.ts";
import { requireAuthorised, requireBehind, requireChangeable, runActions } from "../run-actions.ts";
import { ApduTrace } from "./apdu-trace.ts";
import type { SessionTimeouts } from "./associate.ts";
import { asDlmsDevice } from "./device.ts";
import type { OperationContext } from "./execution.ts";
import { toMetergateError } from "./failure.ts";
import { KeyLock } from "./key-lock.ts";
import type { KeyPorts } from "./key-ports.ts";
import { associateAfterKeyChange } from "./key-recovery.ts";
import { EXECUTIONS } from "./operations/index.ts";
import type { CounterStore, DeviceRecords, FirmwareStore } from "./ports.ts";
import { findProfile } from "./profiles/index.ts";
import { MeterSession } from "./session.ts";
import { whyRefused } from "./support.ts";
import type { WakeUps } from "./wake-up/wake-ups.ts";

/** What DLMS meters are reached with. */
export interface DlmsAdapterParts {
  readonly counters: CounterStore;
  readonly records: DeviceRecords;
  readonly firmware: FirmwareStore;
  readonly keys: KeyPorts;
  /** Of devices that are debugged. */
  readonly messages: DeviceMessages;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeouts: SessionTimeouts;
  /** Finds meters that have no fixed address; the record's address is taken when absent. */
  readonly wakeUps?: Pick<WakeUps, "locate"> | undefined;
}

/** DLMS/COSEM meters, and the M-Bus devices behind them. */
export class DlmsAdapter implements Adapter {
  readonly family = "dlms";
  readonly #parts: DlmsAdapterParts;

  constructor(parts: DlmsAdapterParts) {
    this.#parts = parts;
  }

  whyUnsupported(target: Device, device: Device, operation: OperationName, request?: object): string | undefined {
    return whyRefused(target, device, operation, request);
  }

  async run(run: AdapterRun): Promise<void> {
    const { clock, random, timeouts, wakeUps, records, counters, firmware, keys } = this.#parts;
    const { caller, correlationUid, attempt, signal, heard } = run;
    const secrets = keys.vault;
    const device = asDlmsDevice(run.device);
    const profile = findProfile(device.protocol);
    const keyLock = new KeyLock(keys.keyProcessing, device.identification, run);
    const trace = this.#traceOf(run);
    const parts = {
      device,
      secrets,
      keyLock,
      counters,
      clock,
      random,
      timeouts,
      signal,
      heard,
      onApdu: trace?.onApdu,
      correlationUid,
    };
    const associate = async () =>
      associateAfterKeyChange(wakeUps ? { ...parts, device: await wakeUps.locate(device, signal) } : parts);
    const meter = new MeterSession(parts, trace ? () => trace.during("association", associate) : associate);
    try {
      await runActions(run, clock, async (action, position, target) => {
        trace?.begin(action.operation);
        const outcome = await perform(action, {
          meter,
          profile,
          device,
          target,
          clock,
          records,
          secrets,
          counters,
          firmware,
          keys,
          keyLock,
          caller,
          actionId: `${correlationUid}/${position}`,
          correlationUid,
          attempt,
          requireChangeable: (other) => requireChangeable(run, action.operation, other),
          requireAuthorised: (other) => requireAuthorised(run, action.operation, other),
          progress: (done, total) => run.progress(position, done, total),
        });
        // Whoever sees the result finds how it came about.
        await trace?.kept();
        return outcome;
      });
    } finally {
      trace?.begin("release");
      await meter.close();
      await trace?.kept();
    }
  }

  /** For a device that is debugged: the meter, or the device behind it that the request names. */
  #traceOf({ device, target, caller, correlationUid }: AdapterRun): ApduTrace | undefined {
    const debugged = [device, target].find(({ debugging }) => debugging);
    const { messages } = this.#parts;
    return debugged && new ApduTrace({ messages, device: debugged.identification, caller, correlationUid });
  }
}

/**
 * Runs one action. What the meter or the request is at fault for is its outcome.
 * @throws MetergateError when the association is gone, or never came to be.
 */
async function perform(action: Action, context: OperationContext): Promise<ActionOutcome> {
  const { operation } = action;
  const { target, device } = context;
  try {
    if (action.device !== undefined && action.device !== device.identification) requireBehind(target, device);
    const execution = EXECUTIONS.get(operation);
    const request = execution && currentRequest(execution.operation, action);
    const missing = whyRefused(target, device, operation, request);
    if (missing) throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", missing);
    return { ok: true, result: await execution!.run(context, request!) };
  } catch (thrown) {
    if (context.meter.failure) throw context.meter.failure;
    const error = toMetergateError(thrown, "associated");
    if (!(error instanceof MetergateError)) throw error;
    return { ok: false, error: toErrorRecord(error) };
  }
}
