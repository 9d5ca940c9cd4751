import type { ErrorRecord } from "../../domain/errors.ts";
import type { Action } from "../../domain/request.ts";
import type { Operation } from "../../operations/operation.ts";
import { actionOf, currentRequest } from "../../operations/registry.ts";
import type { ElementName, ElementTypes } from "../generated/index.ts";
import { printable } from "./values.ts";

/** How an operation looks on the wire: elements of the contract and our values become each other. */
export type WireForm = SingleForm | BundleOnlyForm;

/** An operation that is asked for by a request of its own. */
export interface SingleForm {
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
  /** Absent when the contract has no such action in a bundle. */
  readonly bundle?: BundleForm | undefined;
}

/** An operation that the contract has as an action of a bundle alone. */
export interface BundleOnlyForm {
  readonly operation: Operation;
  readonly requestElement?: undefined;
  readonly bundle: BundleForm;
}

/** An operation as an action of a bundle: the elements have names of their own, and no device but in their content. */
export interface BundleForm {
  /** Names of the elements among the actions and among the responses of a bundle. */
  readonly request: BundleRequestName;
  readonly response: BundleResponseName;
  /** @throws MetergateError as `SingleForm.toAction` */
  toAction(element: never): Action;
  /**
   * The response of an action that succeeded.
   * @param device that the action was about
   */
  toResponse(result: unknown, action: Action, device: string): object;
}

/** What two elements are called alike but for their end: `sm-adhoc:SynchronizeTime` for its request and its response. */
type ElementPair = {
  [E in ElementName]: E extends `${infer Name}Request` ? (`${Name}Response` extends ElementName ? Name : never) : never;
}[ElementName];
type RequestElement<P extends ElementPair> = ElementTypes[`${P}Request` & ElementName];
type ResponseElement<P extends ElementPair> = ElementTypes[`${P}Response` & ElementName];

type Actions = ElementTypes["sm-bundle:BundleRequest"]["Actions"]["items"][number];
type Responses = ElementTypes["sm-bundle:BundleResponse"]["AllResponses"]["items"][number];
export type BundleRequestName = Actions["name"];
export type BundleResponseName = Responses["name"];
type BundleRequest<N extends BundleRequestName> = Extract<Actions, { name: N }>["value"];
type BundleResponse<N extends BundleResponseName> = Extract<Responses, { name: N }>["value"];

/** What a bundle has of an operation; `success` is the text of one that gives nothing back but that it is done. */
type BundleParts<B extends BundleRequestName, A extends BundleResponseName, Request, Result> = {
  readonly element: B;
  /** The device that the action is about, where its content names one; the bundle's when absent. */
  readonly device?: (element: BundleRequest<B>) => string;
  readonly request: (element: BundleRequest<B>) => Request;
} & (
  | { readonly success: string | ((result: Result, device: string) => string) }
  | {
      readonly answer: A;
      readonly response: (result: Result, device: string, request: Request) => BundleResponse<A>;
    }
);

/** The parts of a form that an operation has of its own. */
interface Parts<P extends ElementPair, B extends BundleRequestName, A extends BundleResponseName, Request, Result> {
  /** The addressed device; `DeviceIdentification` when absent. */
  readonly device?: (request: RequestElement<P>) => string;
  readonly request: (request: RequestElement<P>) => Request;
  readonly response: (result: Result) => ResponseElement<P>;
  readonly errorResponse?: (error: ErrorRecord) => ResponseElement<P>;
  readonly bundle?: BundleParts<B, A, Request, Result>;
}

/** @param pair schema and name of the elements without Request and Response */
export function wireForm<
  P extends ElementPair,
  B extends BundleRequestName,
  A extends BundleResponseName,
  Request extends object,
  Result extends object,
>(
  operation: Operation<Request, Result>,
  pair: P,
  { device, request, response, errorResponse, bundle }: Parts<P, B, A, Request, Result>,
): SingleForm {
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
    bundle: bundle && bundleForm(operation, bundle),
  };
}

/** The form of an operation that only a bundle can ask for. */
export function bundleOnlyForm<
  B extends BundleRequestName,
  A extends BundleResponseName,
  Request extends object,
  Result extends object,
>(operation: Operation<Request, Result>, bundle: BundleParts<B, A, Request, Result>): BundleOnlyForm {
  return { operation, bundle: bundleForm(operation, bundle) };
}

function bundleForm<
  B extends BundleRequestName,
  A extends BundleResponseName,
  Request extends object,
  Result extends object,
>(operation: Operation<Request, Result>, parts: BundleParts<B, A, Request, Result>): BundleForm {
  const { element, device, request } = parts;
  return {
    request: element,
    toAction: (content) => ({ ...actionOf(operation, request(content)), ...(device && { device: device(content) }) }),
    ...("success" in parts
      ? {
          response: "ActionResponse",
          toResponse: (result, _action, about) => ({
            Result: "OK",
            resultString: printable(
              typeof parts.success === "string" ? parts.success : parts.success(result as Result, about),
            ),
          }),
        }
      : {
          response: parts.answer,
          toResponse: (result, action, about) =>
            parts.response(result as Result, about, currentRequest(operation, action) as Request),
        }),
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
