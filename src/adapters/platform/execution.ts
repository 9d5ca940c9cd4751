import type { Device, SecretType } from "../../domain/device.ts";
import type { Caller } from "../../domain/request.ts";
import type { Hex } from "../../lib/bytes.ts";
import type { Operation } from "../../operations/operation.ts";

/** What operations on the platform are carried out with. */
export interface PlatformPorts {
  readonly vault: {
    /** The secret in use, or null when there is none. */
    getActive(
      device: string,
      type: SecretType,
      purpose: { readonly purpose: string; readonly correlationUid?: string | undefined },
    ): Promise<Uint8Array | null>;
  };
  readonly applicationKeys: {
    /**
     * Gives a function that seals keys for an application.
     * @throws MetergateError NOT_FOUND when the application has no key.
     */
    sealerFor(organisation: string, application: string): Promise<(key: Uint8Array) => Hex>;
  };
}

/** What an operation has at hand. */
export interface PlatformContext extends PlatformPorts {
  /** The device that it is about. */
  readonly target: Device;
  readonly caller: Caller;
  /** Of the request that this is for. */
  readonly correlationUid: string;
}

/** How an operation is carried out on the platform, without a device. */
export interface Execution<Request extends object = object, Result extends object = object> {
  readonly operation: Operation<Request, Result>;
  /** @throws MetergateError when the outcome is a "no" */
  run(context: PlatformContext, request: Request): Promise<Result>;
}

export function execution<Request extends object, Result extends object>(
  operation: Operation<Request, Result>,
  run: Execution<Request, Result>["run"],
): Execution<Request, Result> {
  return { operation, run };
}
