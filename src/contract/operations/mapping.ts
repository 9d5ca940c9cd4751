import type { ErrorRecord } from "../../domain/errors.ts";
import type { Action } from "../../domain/request.ts";
import { OPERATIONS } from "../../operations/index.ts";
import type { Operation } from "../../operations/operation.ts";
import {
  actionOf,
  type KnownOperation,
  type OperationRequest,
  type OperationResult,
} from "../../operations/registry.ts";
import type { ElementTypes } from "../generated/index.ts";
import { printable } from "./values.ts";

type Schema = "sm-adhoc" | "sm-configuration";

/** The operations that a schema has messages for. */
type OperationOf<S extends Schema> = {
  [N in KnownOperation]: `${S}:${N}Request` extends keyof ElementTypes ? N : never;
}[KnownOperation];

type RequestOf<S extends Schema, N extends KnownOperation> = `${S}:${N}Request` extends keyof ElementTypes
  ? ElementTypes[`${S}:${N}Request`]
  : never;
type ResponseOf<S extends Schema, N extends KnownOperation> = `${S}:${N}Response` extends keyof ElementTypes
  ? ElementTypes[`${S}:${N}Response`]
  : never;

/** How one operation of the contract and the domain's operation of the same name become each other. */
export interface OperationMapping {
  readonly operation: KnownOperation;
  /** Elements of the contract: what is asked for and what comes of it. */
  readonly requestElement: keyof ElementTypes;
  readonly responseElement: keyof ElementTypes;
  /**
   * What a decoded request asks for, and of which device.
   * @throws MetergateError VALIDATION_ERROR for a number that the domain has no room for.
   */
  toAction(request: never): { readonly device: string; readonly action: Action };
  /**
   * The response of a request that succeeded.
   * @throws MetergateError when the result does not fit into the contract's response.
   */
  toResponse(result: unknown): object;
  /**
   * "fault": an error is answered with a SOAP fault. "result": with a response whose Result is NOT OK, because that
   * is where clients of the public contract look for it.
   */
  readonly errorGroup: "fault" | "result";
  /** The response of a request that failed; operations of the group "result" only. */
  toErrorResponse?(error: ErrorRecord): object;
}

/** The parts of a mapping that an operation defines; the rest follows from its name. */
interface Definition<S extends Schema, N extends KnownOperation> {
  /** The addressed device; `DeviceIdentification` when absent. */
  readonly device?: (request: RequestOf<S, N>) => string;
  readonly request: (request: RequestOf<S, N>) => OperationRequest<N>;
  readonly response: (result: OperationResult<N>) => ResponseOf<S, N>;
  readonly errorResponse?: (error: ErrorRecord) => ResponseOf<S, N>;
}

type Definitions<S extends Schema> = { readonly [N in OperationOf<S>]?: Definition<S, N> };

/** Completes definitions to mappings. */
export function mappings<S extends Schema>(schema: S, definitions: Definitions<S>): OperationMapping[] {
  return (Object.keys(definitions) as OperationOf<S>[]).map((operation) => {
    // Each definition fits its own name; TypeScript cannot see that once the name is a variable.
    const { device, request, response, errorResponse } = definitions[operation] as unknown as Definition<S, never>;
    return {
      operation,
      requestElement: `${schema}:${operation}Request` as keyof ElementTypes,
      responseElement: `${schema}:${operation}Response` as keyof ElementTypes,
      toAction: (content) => ({
        device: device ? device(content) : (content as { DeviceIdentification: string }).DeviceIdentification,
        action: actionOf(OPERATIONS[operation] as Operation, request(content)),
      }),
      toResponse: (result) => response(result as never),
      errorGroup: errorResponse ? "result" : "fault",
      ...(errorResponse && { toErrorResponse: errorResponse }),
    };
  });
}

/** The response of an operation that only changes something. */
export const done = () => ({ Result: "OK" }) as const;

/** The same when it failed. */
export const notDone = ({ message }: ErrorRecord) => ({ Result: "NOT OK", Description: printable(message) }) as const;

/** The request of an operation that takes nothing but a device. */
export const nothing = () => ({});
