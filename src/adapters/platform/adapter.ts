import type { Adapter, AdapterRun } from "../../domain/adapter.ts";
import type { Device } from "../../domain/device.ts";
import { MetergateError, toErrorRecord } from "../../domain/errors.ts";
import type { Action, ActionOutcome, OperationName } from "../../domain/request.ts";
import type { Clock } from "../../lib/clock.ts";
import { currentRequest } from "../../operations/registry.ts";
import { runActions, whyNotAddressed } from "../run-actions.ts";
import type { PlatformContext, PlatformPorts } from "./execution.ts";
import { EXECUTIONS } from "./operations/index.ts";

/** What the platform does itself, whatever the family of the device is that it is about. Connects to nothing. */
export class PlatformAdapter implements Adapter {
  readonly family = "platform";
  readonly #ports: PlatformPorts;
  readonly #clock: Clock;

  constructor(ports: PlatformPorts, clock: Clock) {
    this.#ports = ports;
    this.#clock = clock;
  }

  whyUnsupported(target: Device, _device: Device, operation: OperationName): string | undefined {
    const execution = EXECUTIONS.get(operation);
    return execution ? whyNotAddressed(target, execution.operation) : `${operation} is not offered`;
  }

  async run(run: AdapterRun): Promise<void> {
    const { caller, correlationUid } = run;
    await runActions(run, this.#clock, (action, _position, target) =>
      perform(action, { ...this.#ports, target, caller, correlationUid }),
    );
  }
}

async function perform(action: Action, context: PlatformContext): Promise<ActionOutcome> {
  try {
    const execution = EXECUTIONS.get(action.operation);
    if (!execution) {
      const text = `${action.operation} is not offered`;
      throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", text);
    }
    return { ok: true, result: await execution.run(context, currentRequest(execution.operation, action)) };
  } catch (error) {
    if (!(error instanceof MetergateError)) throw error;
    return { ok: false, error: toErrorRecord(error) };
  }
}
