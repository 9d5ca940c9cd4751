import type { Coupling, Device, DeviceFamily, SecretType } from "../../domain/device.ts";
import type { Leaf } from "../../domain/log-leaf.ts";
import type { Caller } from "../../domain/request.ts";
import type { Hex } from "../../lib/bytes.ts";
import type { NewDevice } from "../../operations/installation/add-device.ts";
import type { Operation } from "../../operations/operation.ts";

/** A message between us and a device, as the log has it: without secrets. */
export interface KeptMessage {
  readonly leaf: Pick<Leaf, "timeMs" | "organisation" | "service" | "operation" | "correlationUid" | "direction">;
  /** Undefined when it was erased. */
  readonly stored: Uint8Array | undefined;
}

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
  readonly records: {
    /** Changes what is recorded about a device. */
    change(identification: string, change: (device: Device) => Device): Promise<void>;
    /** What a device is behind from now on, and which request says so; undefined for nothing any more. */
    couple(identification: string, gateway: Coupling | undefined, correlationUid: string): Promise<void>;
  };
  /** The key pair that callers seal keys for. */
  readonly platformKeys: {
    /**
     * @returns 16 octets
     * @throws MetergateError DECRYPTION_EXCEPTION, INVALID_KEY_FORMAT
     */
    openKey(sealed: Hex): Uint8Array;
  };
  readonly newDevices: {
    /**
     * Adds a device with its keys, or overwrites what is known of it: all of it or nothing.
     * @throws MetergateError EXISTING_DEVICE, UNAUTHORIZED, UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT, VALIDATION_ERROR
     */
    add(addition: {
      readonly identification: string;
      readonly described: NewDevice;
      /** Keys in clear. */
      readonly secrets: readonly { readonly type: SecretType; readonly value: Uint8Array }[];
      readonly organisation: string;
      readonly correlationUid: string;
    }): Promise<void>;
  };
  /** Messages between us and devices that were kept. */
  readonly messages: {
    /** How many there are of a device that belong to an organisation: what it ordered, and what was pushed to it. */
    countOfDevice(device: string, organisation: string): Promise<number>;
    /** The newest first. */
    ofDevice(
      device: string,
      page: { readonly offset: number; readonly limit: number; readonly organisation: string },
    ): Promise<readonly KeptMessage[]>;
  };
  /** What devices of a family may speak: names of protocols, each with its versions. */
  protocolsOf(family: DeviceFamily): Readonly<Record<string, readonly string[]>>;
  /** Reads a kept message of a device of a family, in words for people. */
  explain(family: DeviceFamily, message: Uint8Array): { readonly text: string; readonly isValid: boolean };
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
