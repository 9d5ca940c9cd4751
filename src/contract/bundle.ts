import { ERROR_CATALOGUE, type ErrorRecord, MetergateError, toErrorRecord } from "../domain/errors.ts";
import type { Action, ActionOutcome } from "../domain/request.ts";
import { itemWriter } from "./encode.ts";
import { COMPONENT_NAMES } from "./errors.ts";
import type { ElementTypes } from "./generated/index.ts";
import { WIRE_FORMS } from "./operations/index.ts";
import { printable } from "./operations/values.ts";
import type { WireForm } from "./operations/wire-form.ts";

type BundleRequest = ElementTypes["sm-bundle:BundleRequest"];
type FaultResponse = ElementTypes["sm-bundle:FaultResponse"];

/** The wire forms of what can be an action, by the name of its element. */
const BY_ELEMENT: ReadonlyMap<string, WireForm> = new Map(
  [...WIRE_FORMS.values()].flatMap((form) => (form.bundle ? [[form.bundle.request, form] as const] : [])),
);

/** What a bundle asks for. */
export interface Bundle {
  readonly device: string;
  /** In document order. An action that nobody carries out is there by its name. */
  readonly actions: readonly Action[];
  /** Why an action cannot be what its element says, by position: the others are not touched by that. */
  readonly refused: ReadonlyMap<number, ErrorRecord>;
}

/** Reads the actions of a bundle, each for itself. */
export function readBundle({ DeviceIdentification: device, Actions: { items } }: BundleRequest): Bundle {
  const refused = new Map<number, ErrorRecord>();
  const actions = items.map(({ name, value }, position): Action => {
    const form = BY_ELEMENT.get(name);
    const unread = { operation: form?.operation.name ?? name.replace(/Request$/, ""), request: {} };
    if (!form?.bundle) return unread;
    try {
      return form.bundle.toAction(value as never);
    } catch (thrown) {
      if (!(thrown instanceof MetergateError)) throw thrown;
      refused.set(position, toErrorRecord(thrown));
      return unread;
    }
  });
  return { device, actions, refused };
}

const responses = itemWriter("sm-bundle:BundleResponse");

/** What stands before and after the responses of a bundle. */
export const BUNDLE_RESPONSE = { head: responses.head, tail: responses.tail } as const;

/**
 * The response at one place of a bundle, as XML: what the action gave, or a FaultResponse. A result that does not fit
 * into the contract is one too, and costs the other actions nothing.
 * @param bundleDevice the device that the bundle is for
 */
export function writeResponse(action: Action, outcome: ActionOutcome, bundleDevice: string): string {
  const device = action.device ?? bundleDevice;
  if (!outcome.ok) return writeFault(action, outcome.error, device);
  const form = WIRE_FORMS.get(action.operation)?.bundle;
  try {
    if (form) return responses.item(form.response, form.toResponse(outcome.result, action, device));
  } catch (thrown) {
    return writeFault(action, toErrorRecord(thrown), device);
  }
  return writeFault(action, { code: "INTERNAL", message: `${action.operation} has no response in a bundle` }, device);
}

/** A functional error goes by its name, as in a SOAP fault; any other says in words what went wrong. */
function writeFault({ operation }: Action, { code, message }: ErrorRecord, device: string): string {
  const { fault, component } = ERROR_CATALOGUE[code];
  const text = printable(message);
  const response: FaultResponse = {
    Result: "NOT OK",
    ...(fault !== null && { Code: fault }),
    Message: fault === null ? `Error handling request with ${operation}: ${text}` : code,
    Component: COMPONENT_NAMES[component],
    InnerException: "",
    InnerMessage: text,
    Parameters: { Parameter: [{ Key: "deviceIdentification", Value: device }] },
  };
  return responses.item("FaultResponse", response);
}
