import type { FunctionGroup } from "../domain/device.ts";

/** What an operation can be addressed to: a device that is reached itself, one behind it on its M-Bus, or what stands in front of meters. */
export type Addressee = "meter" | "mbus-device" | "gateway";

/**
 * What is asked for and what comes of it, without XML and without protocol. Requests and results are plain data: they
 * are kept as JSON.
 */
export interface Operation<Request extends object = object, Result extends object = object> {
  /** Its name in the contract. */
  readonly name: string;
  /** Version of the JSON that its requests are stored as, from 1; see `upgrade`. */
  readonly version: number;
  /** On a device, by its family; or on the platform itself, whatever the device's family is. */
  readonly runsOn: "device" | "platform";
  /** What it may be addressed to; empty when it names no device that is known already. */
  readonly addressedTo: readonly Addressee[];
  /** An M-Bus device without a gateway is not refused at once: clients look for that in the result. */
  readonly tellsMissingGateway?: true | undefined;
  /**
   * `reads`: changes nothing that a caller could tell; may be repeated and may pass others.
   * `writes`: changes something, and the same again does no harm; keeps its order among the others of its device.
   * `moves`: as writes, but not the same again (a switch, a key, firmware): read back before it is repeated.
   */
  readonly effect: "reads" | "writes" | "moves";
  /** The function group that it belongs to: whoever may ask for it was granted that, or OWNER, on each device concerned. */
  readonly group: FunctionGroup;
  /** NotificationType of the contract: what a caller is notified of when it has ended. */
  readonly notification: string;
  /** How its failure is told: as a SOAP fault, or as a response whose Result is NOT OK, where clients of the public contract look for it. */
  readonly failure: "fault" | "result";
  /**
   * Whether what is asked can leave the device without its data or out of reach: then DANGEROUS_COMMANDS is needed besides
   * `group`, and OWNER does not stand in for it. Absent when it never can.
   */
  isDangerous?(request: Request): boolean;
  /**
   * Checks what the schema cannot: rules between fields and ranges that a device would refuse.
   * @throws MetergateError VALIDATION_ERROR with a text that names what is wrong
   */
  check?(request: Request): void;
  /**
   * A request that was stored in an older version, as one of this version.
   * @param fromVersion 1 … `version` − 1
   */
  upgrade?(fromVersion: number, stored: object): Request;
  /** For the type checker alone, never there. */
  readonly types?: { readonly request: Request; readonly result: Result } | undefined;
}

export type RequestOf<O extends Operation> = O extends Operation<infer Request, object> ? Request : never;
export type ResultOf<O extends Operation> = O extends Operation<object, infer Result> ? Result : never;

/** What an operation that takes nothing but a device is asked, and what one that only changes something gives back. */
export type Nothing = Record<never, never>;

/** The fields of an operation that most have in common need not be said. */
type Definition<Request extends object> = Pick<
  Operation<Request>,
  "name" | "group" | "effect" | "notification" | "failure"
> &
  Partial<Operation<Request>>;

/** Defines an operation: on a device, addressed to a meter, in the first version, unless it says otherwise. */
export function defineOperation<Request extends object, Result extends object>(
  definition: Definition<Request>,
): Operation<Request, Result> {
  return { version: 1, runsOn: "device", addressedTo: ["meter"], ...definition } as Operation<Request, Result>;
}
