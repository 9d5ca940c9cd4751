import type { ErrorRecord } from "../../domain/errors.ts";
import type { Action } from "../../domain/request.ts";
import type { Operation } from "../../operations/operation.ts";
import { actionOf } from "../../operations/registry.ts";
import type { ElementName, ElementTypes } from "../generated/index.ts";
import { printable } from "./values.ts";

/** How an operation looks on the wire: elements of the contract and our values become each other. */
export interface WireForm {
  readonly operation: Operation;
  /** Elements of the contract: what is asked for and what comes of it. */
  readonly requestElement: ElementName;
  readonly responseElement: ElementName;
  /**
   * What a decoded request asks for, and of which device.
   * @throws MetergateError VALIDATION_ERROR for a number that we have no room for.
   */
  toAction(request: never): { readonly device: string; readonly action: Action };
  /**
   * The response of a request that succeeded.
   * @throws MetergateError when the result does not fit into the contract's response.
   */
  toResponse(result: unknown): object;
  /** The response of a request that failed, for operations whose failure is a result. */
  toErrorResponse?(error: ErrorRecord): object;
}

/** What two elements are called alike but for their end: `sm-adhoc:SynchronizeTime` for its request and its response. */
type ElementPair = {
  [E in ElementName]: E extends `${infer Name}Request` ? (`${Name}Response` extends ElementName ? Name : never) : never;
}[ElementName];
type RequestElement<P extends ElementPair> = ElementTypes[`${P}Request` & ElementName];
type ResponseElement<P extends ElementPair> = ElementTypes[`${P}Response` & ElementName];

/** The parts of a form that an operation has of its own. */
interface Parts<P extends ElementPair, Request, Result> {
  /** The addressed device; `DeviceIdentification` when absent. */
  readonly device?: (request: RequestElement<P>) => string;
  readonly request: (request: RequestElement<P>) => Request;
  readonly response: (result: Result) => ResponseElement<P>;
  readonly errorResponse?: (error: ErrorRecord) => ResponseElement<P>;
}

/** @param pair schema and name of the elements without Request and Response */
export function wireForm<P extends ElementPair, Request extends object, Result extends object>(
  operation: Operation<Request, Result>,
  pair: P,
  { device, request, response, errorResponse }: Parts<P, Request, Result>,
): WireForm {
  return {
    operation,
    requestElement: `${pair}Request` as ElementName,
    responseElement: `${pair}Response` as ElementName,
    toAction: (content) => ({
      device: device ? device(content) : (content as { DeviceIdentification: string }).DeviceIdentification,
      action: actionOf(operation, request(content)),
    }),
    toResponse: (result) => response(result as Result),
    ...(errorResponse && { toErrorResponse: errorResponse }),
  };
}

/** The request of an operation that takes nothing but a device. */
export const nothing = () => ({});

/** The response of an operation that only changes something. */
export const done = () => ({ Result: "OK" }) as const;

/** The same when it failed. */
export const notDone = ({ message }: ErrorRecord) => ({ Result: "NOT OK", Description: printable(message) }) as const;

/** An operation that only changes something and whose failure is a result. */
export const change = { response: done, errorResponse: notDone } as const;
