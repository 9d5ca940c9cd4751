import type { CorrelationUid } from "../domain/correlation-uid.ts";
import { formatCorrelationUid } from "../domain/correlation-uid.ts";
import { type Device, deviceToBe } from "../domain/device.ts";
import { type ErrorRecord, MetergateError, toErrorRecord } from "../domain/errors.ts";
import type { Organisation } from "../domain/organisation.ts";
import {
  type Action,
  type ActionOutcome,
  BUNDLE,
  type Caller,
  type OperationName,
  type RequestedOperation,
  type Scheduling,
} from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { sha256Hex } from "../lib/sha256.ts";
import type { MessageLog } from "../message-log/message-log.ts";
import { mbusOf } from "../operations/mbus.ts";
import { addsDevice, checkAction, findOperation, writes } from "../operations/registry.ts";
import type { NewLogEntry } from "../store/message-log.ts";
import type { NewRequest, RequestsStore } from "../store/requests.ts";
import { disabledOrganisation } from "./admission.ts";
import type { QueueLimit } from "./queue-limit.ts";

type Outcomes = (ActionOutcome | null)[];

/** A request as it came in, understood. */
export interface AcceptInput {
  readonly caller: Caller;
  readonly scheduling: Scheduling;
  readonly operation: RequestedOperation;
  readonly device: string;
  /** One, or the actions of a bundle in their order. */
  readonly actions: readonly Action[];
  /** Why actions of a bundle cannot run, by position, where that is known already. */
  readonly refused?: ReadonlyMap<number, ErrorRecord> | undefined;
  readonly message: {
    readonly service: string;
    /** As it was on the wire; not changed afterwards. */
    readonly bytes: Uint8Array;
    /** The message with its secrets replaced by a marker, and how many were. */
    readonly redacted?: { readonly body: Uint8Array; readonly count: number } | undefined;
  };
  /** Id that the caller gave the message: the same id for the same is the same request. */
  readonly clientMessageId?: string | undefined;
  /** Lower-case hexadecimal SHA-256 of what is asked for; of the message's bytes when it is not given. */
  readonly contentSha256?: string | undefined;
  /** Makes the answer that goes out. Called more than once when the message is a repeated one. */
  respond(correlationUid: CorrelationUid): Uint8Array;
}

export interface Accepted {
  readonly correlationUid: CorrelationUid;
  /** What `respond` made and the log holds. */
  readonly response: Uint8Array;
}

/** What accepting a request asks of others. */
export interface AcceptChecks {
  findOrganisation(identification: string): Promise<Organisation | undefined>;
  findDevice(identification: string): Promise<Device | undefined>;
  /** @param asked what is asked for; a bundle itself asks for nothing */
  isAuthorised(
    organisation: string,
    device: string,
    operation: RequestedOperation,
    asked?: Pick<Action, "version" | "request">,
  ): Promise<boolean>;
  /**
   * The device to connect to for an operation on `device`.
   * @throws MetergateError when there is no way to it
   */
  route(device: Device, operation: RequestedOperation): Promise<Device>;
  /** Why the operation is not offered for `target`, which is reached through `device`; undefined when it is. */
  whyUnsupported(target: Device, device: Device, operation: OperationName, request: object): string | undefined;
}

export interface AcceptDependencies {
  readonly checks: AcceptChecks;
  readonly requests: Pick<RequestsStore, "accept">;
  readonly queueLimit: QueueLimit;
  readonly log: MessageLog;
  readonly clock: Clock;
  readonly random: Random;
}

function requireScheduling({ priority, scheduleTimeMs = 0, maxScheduleTimeMs = 0 }: Scheduling): void {
  if (!Number.isInteger(priority) || priority < 0 || priority > 9) {
    throw new MetergateError("VALIDATION_ERROR", `MessagePriority must be 0 to 9, not ${priority}`);
  }
  for (const [name, timeMs] of Object.entries({ ScheduleTime: scheduleTimeMs, MaxScheduleTime: maxScheduleTimeMs })) {
    if (!Number.isSafeInteger(timeMs) || timeMs < 0) {
      throw new MetergateError("VALIDATION_ERROR", `${name} must be milliseconds since 1970, not ${timeMs}`);
    }
  }
}

function notAuthorised(organisation: string, operation: RequestedOperation, device: string): MetergateError {
  const text = `Organisation ${organisation} is not authorised for ${operation} on device ${device}`;
  return new MetergateError("UNAUTHORIZED", text);
}

/** Takes requests in: checks them, and makes them durable together with the log's entries before it answers. */
export class Acceptance {
  readonly #dependencies: AcceptDependencies;

  constructor(dependencies: AcceptDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Resolves once the request and both log entries are durable. A message that came before gets its correlation UID
   * again, and only log entries are written.
   * @throws MetergateError UNKNOWN_ORGANISATION, DISABLED_ORGANISATION, UNKNOWN_DEVICE, UNAUTHORIZED, VALIDATION_ERROR,
   * GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE, GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE,
   * OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL, CONFLICTING_MESSAGE_ID, SERVICE_BUSY: nothing was stored.
   */
  async accept(input: AcceptInput): Promise<Accepted> {
    const { requests, queueLimit, log, clock, random } = this.#dependencies;
    const { caller, operation, device, actions, scheduling, message, clientMessageId: id } = input;
    const organisation = await this.#findOrganisation(caller.organisation);
    const { routeDevice, family, outcomes } = await this.#check(input);
    await queueLimit.enter(caller.organisation, organisation.maxWaiting);
    const acceptedMs = clock.now();
    const correlationUid = formatCorrelationUid(caller.organisation, device, acceptedMs, random.uuid());
    const { accepted, entries } = this.#answer(input, correlationUid);
    // What is answered already will not write any more.
    const isWriting = actions.some((action, position) => !outcomes[position] && writes(action.operation));
    const request = {
      correlationUid,
      caller,
      operation,
      device,
      routeDevice,
      family,
      actions,
      outcomes,
      scheduling,
      acceptedMs,
      writes: isWriting,
    };
    // The hash tells a repeated message from another one with the same id; nobody else needs it.
    const bodySha256 = () => input.contentSha256 ?? sha256Hex(message.bytes);
    const named = id === undefined ? undefined : { id, bodySha256: bodySha256() };
    const result = await requests.accept({ request, message: named, entries });
    switch (result.kind) {
      case "accepted":
        return accepted;
      case "repeated": {
        const again = this.#answer(input, result.correlationUid);
        await log.write(again.entries);
        return again.accepted;
      }
      case "conflict": {
        const text = `A message with id ${id} and another content was accepted before`;
        throw new MetergateError("CONFLICTING_MESSAGE_ID", text);
      }
    }
  }

  /** Makes the answer and prepares the two log entries. */
  #answer(input: AcceptInput, correlationUid: string): { accepted: Accepted; entries: NewLogEntry[] } {
    const { log } = this.#dependencies;
    const { caller, operation, device, message } = input;
    const response = input.respond(correlationUid);
    const { service, bytes, redacted } = message;
    const entries = [
      log.prepare({ service, operation, caller, device, correlationUid, direction: "in", body: bytes, redacted }),
      log.prepare({ service, operation, caller, device, correlationUid, direction: "out", body: response }),
    ];
    return { accepted: { correlationUid, response }, entries };
  }

  async #check(input: AcceptInput): Promise<Pick<NewRequest, "routeDevice" | "family"> & { outcomes: Outcomes }> {
    const { caller, operation, actions, scheduling } = input;
    const known = await this.#dependencies.checks.findDevice(input.device);
    const device = known ?? (addsDevice(operation) ? deviceToBe(input.device) : undefined);
    if (!device) throw new MetergateError("UNKNOWN_DEVICE", `Device ${input.device} is not known`);
    // Nobody has a right on a device that is not known yet; whoever has it added will own it.
    if (known) await this.#authorise(caller.organisation, device.identification, operation, actions);
    requireScheduling(scheduling);
    if (actions.length === 0) throw new MetergateError("VALIDATION_ERROR", "The request has no action");
    if (operation === BUNDLE && mbusOf(device)) {
      const text = "Bundle request is not allowed for gas meter (possible cause: gateway not defined for gas meter)";
      throw new MetergateError("VALIDATION_ERROR", text);
    }
    // On the platform no device is connected to, so one without a gateway will do.
    const staysHere = findOperation(operation)?.runsOn === "platform";
    const routeDevice = staysHere ? device : await this.#dependencies.checks.route(device, operation);
    if (routeDevice !== device) {
      await this.#authorise(caller.organisation, routeDevice.identification, operation, actions);
    }

    if (operation === BUNDLE) {
      const outcomes: Outcomes = [];
      for (const [position, action] of actions.entries()) {
        const error = input.refused?.get(position);
        outcomes.push(
          error ? { ok: false, error } : await this.#refuseInPlace(caller.organisation, device, routeDevice, action),
        );
      }
      return { routeDevice: routeDevice.identification, family: routeDevice.family, outcomes };
    }
    for (const action of actions) await this.#checkAction(caller.organisation, device, routeDevice, action);
    const family = staysHere ? "platform" : routeDevice.family;
    return { routeDevice: routeDevice.identification, family, outcomes: [] };
  }

  async #findOrganisation(identification: string): Promise<Organisation> {
    const organisation = await this.#dependencies.checks.findOrganisation(identification);
    if (!organisation) {
      const text = `Organisation ${identification} is not known: the operator registers it with metergate organisations add`;
      throw new MetergateError("UNKNOWN_ORGANISATION", text);
    }
    if (!organisation.enabled) throw disabledOrganisation(identification);
    return organisation;
  }

  /** Lets nothing pass that the organisation may not do on a device: the bundle, if it is one, and each action. */
  async #authorise(
    organisation: string,
    device: string,
    operation: RequestedOperation,
    actions: readonly Action[],
  ): Promise<void> {
    const { isAuthorised } = this.#dependencies.checks;
    if (operation === BUNDLE && !(await isAuthorised(organisation, device, BUNDLE))) {
      throw notAuthorised(organisation, BUNDLE, device);
    }
    // Most actions of a bundle need the same: a thousand reads are not looked up a thousand times.
    const seen = new Set<string>();
    for (const action of actions) {
      const isDecidedByRequest = findOperation(action.operation)?.isDangerous !== undefined;
      if (seen.has(action.operation) && !isDecidedByRequest) continue;
      seen.add(action.operation);
      if (await isAuthorised(organisation, device, action.operation, action)) continue;
      throw notAuthorised(organisation, action.operation, device);
    }
  }

  async #checkAction(organisation: string, addressed: Device, device: Device, action: Action): Promise<void> {
    const { device: named = addressed.identification } = action;
    const target =
      named === addressed.identification ? addressed : await this.#otherTarget(organisation, named, device, action);
    const reason = this.#dependencies.checks.whyUnsupported(target, device, action.operation, action.request);
    if (reason !== undefined) throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", reason);
    checkAction(action);
  }

  /** The device that an action is about when it is not the one that the request names: another behind the same meter. */
  async #otherTarget(organisation: string, named: string, device: Device, action: Action): Promise<Device> {
    const { operation } = action;
    const target = await this.#dependencies.checks.findDevice(named);
    if (!target) throw new MetergateError("UNKNOWN_DEVICE", `Device ${named} is not known`);
    await this.#authorise(organisation, named, operation, [action]);
    const staysHere = findOperation(operation)?.runsOn === "platform";
    if (!staysHere && named !== device.identification && target.gateway?.device !== device.identification) {
      const text = `${named} is not behind ${device.identification}`;
      throw new MetergateError("GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE", text);
    }
    return target;
  }

  /** In a bundle, an action that cannot run has its answer at its place, and the others go on. */
  async #refuseInPlace(
    organisation: string,
    addressed: Device,
    device: Device,
    action: Action,
  ): Promise<ActionOutcome | null> {
    try {
      await this.#checkAction(organisation, addressed, device, action);
      return null;
    } catch (thrown) {
      if (!(thrown instanceof MetergateError)) throw thrown;
      return { ok: false, error: toErrorRecord(thrown) };
    }
  }
}
