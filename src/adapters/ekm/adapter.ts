import type { Adapter, AdapterRun } from "../../domain/adapter.ts";
import type { Device } from "../../domain/device.ts";
import { MetergateError, toErrorRecord } from "../../domain/errors.ts";
import type { DeviceMessages, MeterRecords, PlatformKeys, SecretVault } from "../../domain/family-ports.ts";
import type { Action, ActionOutcome, OperationName } from "../../domain/request.ts";
import { READ_VERSION } from "../../ekm/unverified.ts";
import { currentRequest } from "../../operations/registry.ts";
import { runActions } from "../run-actions.ts";
import { Cloud, type CloudParts, type OpenGateway } from "./cloud.ts";
import { memoryOf } from "./command-notes.ts";
import { type EkmMeter, type EkmSecretType, isGateway, isMeter } from "./device.ts";
import type { Execution } from "./execution.ts";
import { MessageTrace } from "./message-trace.ts";
import { MeterSession } from "./meter-session.ts";
import { EXECUTIONS } from "./operations/index.ts";
import { MeterPasswords } from "./passwords.ts";
import { versionOf, whyRefused } from "./support.ts";

export interface EkmAdapterParts extends CloudParts {
  readonly vault: SecretVault;
  readonly platformKeys: Pick<PlatformKeys, "openSecret">;
  readonly records: MeterRecords;
  readonly messages: DeviceMessages;
  readonly timeouts: CloudParts["timeouts"] & { readonly ekmLookTimeoutMs: number };
  /** Whether the cloud takes the command for seasons. */
  readonly hasSeasonCommand: boolean;
  /** Ends what `http` has open. */
  closeHttp(): Promise<void>;
}

/** EKM meters behind Push3 gateways, through the cloud. */
export class EkmAdapter implements Adapter {
  readonly family = "ekm";
  readonly #parts: EkmAdapterParts;
  readonly #cloud: Cloud;

  constructor(parts: EkmAdapterParts) {
    this.#parts = parts;
    this.#cloud = new Cloud(parts);
  }

  async close(): Promise<void> {
    this.#cloud.close();
    await this.#parts.closeHttp();
  }

  whyUnsupported(target: Device, _device: Device, operation: OperationName, request: object): string | undefined {
    return whyRefused(target, operation, request, this.#parts.hasSeasonCommand);
  }

  async run(run: AdapterRun): Promise<void> {
    await runActions(run, this.#parts.clock, (action, position, target) =>
      this.#perform(run, action, position, target),
    );
  }

  /** Runs one action. What the meter, the cloud or the request is at fault for is its outcome. */
  async #perform(run: AdapterRun, action: Action, position: number, target: Device): Promise<ActionOutcome> {
    const execution = EXECUTIONS.get(action.operation);
    const request = execution && currentRequest(execution.operation, action);
    const missing = whyRefused(target, action.operation, request, this.#parts.hasSeasonCommand);
    if (missing || !execution || !isMeter(target)) {
      return { ok: false, error: { code: "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", message: missing ?? "" } };
    }
    try {
      return { ok: true, result: await this.#execute(run, position, target, execution, request!) };
    } catch (error) {
      if (!(error instanceof MetergateError) || error.retry) throw error;
      return { ok: false, error: toErrorRecord(error) };
    }
  }

  async #execute(run: AdapterRun, position: number, device: EkmMeter, execution: Execution, request: object) {
    const { http, clock, random, timeouts, vault, platformKeys, records, messages } = this.#parts;
    const { signal, heard, correlationUid } = run;
    const at = await this.#openGateway(run, device);
    const passwords = await MeterPasswords.open(vault, device, correlationUid);
    const debugged = [device, at.gateway].find(({ debugging }) => debugging);
    const secrets = () => [at.key, encodeURIComponent(at.key), at.token, ...passwords.known()];
    const trace = debugged && new MessageTrace(messages, run, debugged.identification, secrets);
    const meter = new MeterSession({
      ...{ cloud: this.#cloud, http, clock, timeouts, at, meter: device, passwords, trace, signal, heard },
      effect: execution.operation.effect,
      readVersion: READ_VERSION[versionOf(device)],
      memory: await memoryOf(run, position),
    });
    const actionId = `${correlationUid}/${position}`;
    try {
      return await execution.run({ meter, device, clock, random, passwords, platformKeys, records, actionId }, request);
    } finally {
      // Whoever sees the result finds how it came about.
      if (trace) await messages.kept();
    }
  }

  /** @throws MetergateError UNKNOWN_DEVICE, GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE, KEY_NOT_PRESENT */
  async #openGateway(run: AdapterRun, meter: EkmMeter): Promise<OpenGateway> {
    const { device } = meter.gateway;
    const gateway = await run.findDevice(device);
    if (!gateway) throw new MetergateError("UNKNOWN_DEVICE", `Gateway ${device} is not known`);
    if (gateway.family !== this.family || !isGateway(gateway)) {
      throw new MetergateError("GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE", `${device} is no Push3 gateway`);
    }
    const key = await this.#secret(run, gateway, "EKM_KEY");
    if (key === undefined) throw new MetergateError("KEY_NOT_PRESENT", `${device} has no EKM_KEY`);
    const token =
      gateway.ekm.access === "key-and-token" ? await this.#secret(run, gateway, "EKM_API_TOKEN") : undefined;
    return { gateway, key, token };
  }

  async #secret({ correlationUid }: AdapterRun, { identification }: Device, type: EkmSecretType) {
    const octets = await this.#parts.vault.getActive(identification, type, { purpose: "EKM cloud", correlationUid });
    return octets ? Buffer.from(octets).toString("ascii") : undefined;
  }
}
