import type { FunctionGroup } from "../domain/device.ts";
import { MetergateError } from "../domain/errors.ts";
import { type Action, BUNDLE, type RequestedOperation } from "../domain/request.ts";
import { OPERATIONS } from "./index.ts";
import type { Operation, RequestOf, ResultOf } from "./operation.ts";

/** The operations that there are, and what each is asked and gives back. Where one is meant, take the operation itself. */
export type KnownOperation = keyof typeof OPERATIONS;
export type OperationRequest<N extends KnownOperation> = RequestOf<(typeof OPERATIONS)[N]>;
export type OperationResult<N extends KnownOperation> = ResultOf<(typeof OPERATIONS)[N]>;

const byName = new Map<string, Operation>(Object.entries<Operation>(OPERATIONS));

export function findOperation(name: string): Operation | undefined {
  return byName.get(name);
}

/** What belongs to operations, by their names. */
export function byOperation<T extends { readonly operation: Operation }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((each) => [each.operation.name, each]));
}

/** Whether an operation changes something, so that it keeps its order among the others of its device. */
export function writes(name: string): boolean {
  // A name that is not known any more may have meant anything.
  return byName.get(name)?.effect !== "reads";
}

/** Whether an operation makes the device known that it names. */
export function addsDevice(name: string): boolean {
  return byName.get(name)?.addressedTo.length === 0;
}

/**
 * What must be granted for an operation, each of it; nothing in particular for a bundle, whose actions have their own.
 * @param request what is asked for; without it, the worst is
 */
export function groupsNeeded(name: RequestedOperation, request?: Pick<Action, "version" | "request">): FunctionGroup[] {
  if (name === BUNDLE) return [];
  const operation = byName.get(name);
  // A name that is not known any more may have meant anything.
  if (!operation) return ["OWNER", "DANGEROUS_COMMANDS"];
  const isDangerous = operation.isDangerous && (!request || operation.isDangerous(currentRequest(operation, request)));
  return isDangerous ? [operation.group, "DANGEROUS_COMMANDS"] : [operation.group];
}

/** An action as it is stored. The first version of a request is not told: what the first release stored has none. */
export function actionOf<Request extends object>(operation: Operation<Request>, request: Request): Action {
  const { name, version } = operation;
  return { operation: name, ...(version > 1 && { version }), request };
}

/**
 * What a stored action asks for, in the operation's present version.
 * @throws MetergateError INTERNAL when it was stored by a release that knew a later one
 */
export function currentRequest(
  operation: Operation,
  { version = 1, request }: Pick<Action, "version" | "request">,
): object {
  if (version === operation.version) return request;
  if (version < operation.version && operation.upgrade) return operation.upgrade(version, request);
  const text = `${operation.name} was stored in version ${version}, and this release knows ${operation.version}`;
  throw new MetergateError("INTERNAL", text);
}

/**
 * Checks what the schema cannot; see `Operation.check`.
 * @throws MetergateError VALIDATION_ERROR with a text that names what is wrong
 */
export function checkAction(action: Action): void {
  const operation = byName.get(action.operation);
  operation?.check?.(currentRequest(operation, action));
}
