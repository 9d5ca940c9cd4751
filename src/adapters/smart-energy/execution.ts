import type { Device } from "../../domain/device.ts";
import type { KeptReport, ReportSearch } from "../../domain/device-report.ts";
import type { FirmwareImage } from "../../domain/firmware.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Operation } from "../../operations/operation.ts";
import type { Release } from "../../smart-energy/commands.ts";
import type { RpcElement } from "../../smart-energy/element.ts";
import type { CloudGateway } from "./buffer.ts";
import type { CloudClient } from "./cloud-client.ts";
import type { Question } from "./gateway-session.ts";

/** What an earlier run, or this one, noted about an action that it was about to send. */
export interface Note {
  /** When it was sent first; epoch milliseconds. */
  readonly sentMs: number;
  /** The job that carries it, where one does. */
  readonly jobId?: string | undefined;
  /** Of an image: whether the cloud said that it has it, and how often was looked what the gateway runs. */
  readonly isTaken?: boolean | undefined;
  /** It was certainly not handed over, and is to be sent. */
  readonly isUnsent?: boolean | undefined;
  readonly looks?: number | undefined;
}

/** What an operation has at hand. */
export interface OperationContext {
  readonly release: Release;
  /** The device that the request names: the gateway itself, or a meter behind it. */
  readonly target: Device;
  readonly clock: Clock;
  readonly client: CloudClient;
  readonly signal: AbortSignal;
  readonly reports: {
    /** What the device reported by itself; see `DeviceReports.find`. */
    find(
      device: string,
      search: ReportSearch,
    ): Promise<{ readonly pages: number; readonly reports: readonly KeptReport[] }>;
  };
  readonly firmware: { find(identification: string): Promise<FirmwareImage | undefined> };
  /** The gateway as the cloud reaches it. @throws MetergateError KEY_NOT_PRESENT, VAULT_UNREADABLE */
  gateway(): Promise<CloudGateway>;
  /** Names this action of its request, the same in every run. */
  readonly actionId: string;
  /** Counts the runs of the request from 1. */
  readonly attempt: number;
  /** @throws MetergateError as `GatewaySession.ask` */
  ask(question: Question): Promise<RpcElement>;
  /** As `GatewaySession.resume`. */
  resume(jobId: string, question: Question): Promise<RpcElement | undefined>;
  noted(): Promise<Note | undefined>;
  /** Durable when it resolves. */
  note(note: Note): Promise<void>;
}

/** How an operation is carried out on a gateway. */
export interface Execution<Request extends object = object, Result extends object = object> {
  readonly operation: Operation<Request, Result>;
  /** What of the two it is asked of, where that is not as the operation says. */
  readonly only?: "gateway" | "meter" | undefined;
  /**
   * Why gateways of this release do not offer the operation, as told to the caller; undefined when they do.
   * @param request what is asked for, where that decides; without it, whether anything at all can be asked for
   */
  missing(release: Release, request?: Request): string | undefined;
  /**
   * @throws MetergateError DEVICE_REFUSED, VALIDATION_ERROR, OUTCOME_UNKNOWN when the outcome is a "no"; anything else
   * when the conversation broke
   */
  run(context: OperationContext, request: Request): Promise<Result>;
}

/** Says how an operation is carried out; gateways of every release offer it unless something is `missing`. */
export function execution<Request extends object, Result extends object>(
  operation: Operation<Request, Result>,
  run: Execution<Request, Result>["run"],
  missing: Execution<Request, Result>["missing"] = () => undefined,
  only?: Execution["only"],
): Execution<Request, Result> {
  return { operation, missing, run, only };
}
