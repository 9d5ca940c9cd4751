import type { Adapter, AdapterRun } from "../../domain/adapter.ts";
import type { Device } from "../../domain/device.ts";
import { type ErrorCode, MetergateError, toErrorRecord } from "../../domain/errors.ts";
import type { Action, ActionOutcome, OperationName } from "../../domain/request.ts";
import type { Clock } from "../../lib/clock.ts";
import { currentRequest } from "../../operations/registry.ts";
import { runActions } from "../run-actions.ts";
import { type AccountParts, accountOf } from "./accounts.ts";
import type { CloudGateway } from "./buffer.ts";
import type { CloudClient } from "./cloud-client.ts";
import { isGateway, releaseOf } from "./device.ts";
import type { Note, OperationContext } from "./execution.ts";
import { GatewaySession } from "./gateway-session.ts";
import type { Inbox } from "./inbox.ts";
import { EXECUTIONS } from "./operations/index.ts";
import { whyRefused } from "./support.ts";

/** What gateways are reached with. */
export interface SmartEnergyAdapterParts extends AccountParts {
  readonly client: CloudClient;
  readonly inbox: Inbox;
  readonly clock: Clock;
  readonly isSynchronous: boolean;
  readonly timeoutMs: number;
  readonly reports: OperationContext["reports"];
  readonly firmware: OperationContext["firmware"];
  /** Ends what the client has open. */
  closeHttp(): Promise<void>;
}

/** Errors that are what a gateway answered, or what was asked of it: the next action goes on. */
const OUTCOMES: ReadonlySet<ErrorCode> = new Set([
  "DEVICE_REFUSED",
  "VALIDATION_ERROR",
  "OUTCOME_UNKNOWN",
  "UNKNOWN_FIRMWARE",
  "UNKNOWN_DEVICEMODEL",
  "FIRMWARE_DOES_NOT_SUPPORT_DEVICE_MODEL",
  "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL",
  "NOT_FOUND",
  "ERROR_RETRIEVING_ATTRIBUTE_VALUE",
]);

/** Gateways of Zigbee Smart Energy, and the meters behind them. */
export class SmartEnergyAdapter implements Adapter {
  readonly family = "smart-energy";
  readonly #parts: SmartEnergyAdapterParts;

  constructor(parts: SmartEnergyAdapterParts) {
    this.#parts = parts;
  }

  close(): Promise<void> {
    return this.#parts.closeHttp();
  }

  whyUnsupported(target: Device, device: Device, operation: OperationName, request?: object): string | undefined {
    return whyRefused(target, device, operation, request);
  }

  async run(run: AdapterRun): Promise<void> {
    const { client, inbox, clock, isSynchronous, timeoutMs, reports, firmware } = this.#parts;
    const { device, signal, correlationUid, attempt, heard } = run;
    if (!isGateway(device)) throw new MetergateError("INTERNAL", `${device.identification} is no gateway`);
    let opened: Promise<CloudGateway> | undefined;
    // The password is read for what needs it.
    const open = () => {
      opened ??= accountOf(this.#parts, device, { purpose: "Device Cloud", correlationUid }).then((account) => ({
        account,
        deviceId: device.smartEnergy.deviceId,
      }));
      return opened;
    };
    const session = async () =>
      new GatewaySession({ client, inbox, clock, gateway: await open(), isSynchronous, timeoutMs, signal, heard });
    await runActions(run, clock, (action, position, target) =>
      perform(action, target, device, {
        ...{ release: releaseOf(device), target, clock, client, signal, attempt, gateway: open, reports },
        firmware,
        actionId: `${correlationUid}/${position}`,
        ask: async (question) => (await session()).ask(question),
        resume: async (jobId, question) => (await session()).resume(jobId, question),
        noted: async () => (await run.noted(position)) as Note | undefined,
        note: (note) => run.note(position, note),
      }),
    );
  }
}

async function perform(
  action: Action,
  target: Device,
  device: Device,
  context: OperationContext,
): Promise<ActionOutcome> {
  try {
    const execution = EXECUTIONS.get(action.operation);
    const request = execution && currentRequest(execution.operation, action);
    const missing = whyRefused(target, device, action.operation, request);
    if (!execution || !request || missing !== undefined) {
      throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", missing ?? "");
    }
    return { ok: true, result: await execution.run(context, request) };
  } catch (error) {
    if (!(error instanceof MetergateError) || !OUTCOMES.has(error.code)) throw error;
    return { ok: false, error: toErrorRecord(error) };
  }
}
