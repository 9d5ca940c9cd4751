import type * as z from "zod";
import type { Adapter } from "./adapter.ts";
import type { Device, DeviceFamily, SecretType } from "./device.ts";
import type { OperationName, RequestedOperation } from "./request.ts";
import type { Settings } from "./settings.ts";
import type { Task } from "./task.ts";

/** A rule between the keys of a device record. */
export interface RecordRule<Entry> {
  /** The key that is wrong when it is broken; the record as a whole when absent. */
  readonly key?: string;
  /** What is allowed: "must be …". */
  readonly text: string;
  holds(entry: Entry): boolean;
}

/** What a family keeps of a device besides what is kept of all. The devices file has its keys beside the common ones. */
export interface FamilyRecord {
  readonly keys: z.ZodRawShape;
  readonly rules: readonly RecordRule<never>[];
  /** The family's part of the device, and where counters of messages begin, if it has one. */
  toDevice(entry: never): { readonly device: object; readonly invocationCounter?: number | undefined };
}

/** Ties rules and conversion to the keys that they are about. */
export function familyRecord<S extends z.ZodRawShape>(
  keys: S,
  rules: readonly RecordRule<z.infer<z.ZodObject<S>>>[],
  toDevice: (entry: z.infer<z.ZodObject<S>>) => ReturnType<FamilyRecord["toDevice"]>,
): FamilyRecord {
  return { keys, rules, toDevice };
}

/** Which operations devices of which version offer. */
export interface SupportMatrix {
  /** Protocol and version, oldest first: `DSMR 2.2`. */
  readonly versions: readonly string[];
  readonly rows: readonly {
    readonly operation: OperationName;
    /** One for each version. */
    readonly supported: readonly boolean[];
  }[];
}

/** Finds a device in the inventory. */
export type FindDevice = (identification: string) => Promise<Device | undefined>;

/** A family of devices: all that the rest has to know of it. `Parts` is what its adapter is made with. */
export interface Family<Parts = never> {
  /** As records of devices name it. */
  readonly name: DeviceFamily;
  /** As people call it. */
  readonly title: string;
  /** Protocols that its devices speak, each with its versions, oldest first. */
  readonly protocols: Readonly<Record<string, readonly string[]>>;
  readonly record: FamilyRecord;
  /**
   * What a caller says of a device who has it added, with the keys of `record`. Absent when devices of the family cannot
   * be added by callers.
   * @param described the request of the operation AddDevice
   * @param known what is known of the device: what the request cannot say stays
   */
  toRecord?(described: never, known: Device | undefined): Readonly<Record<string, unknown>>;
  /** Kinds of secrets that its devices have, each as it is written in a file → octets. */
  readonly secrets: Readonly<Record<SecretType, z.ZodType<Uint8Array>>>;
  /** What operators can set about it. */
  readonly settings: Settings;
  /** Where a device is reached, in words for operators: `10.0.0.7:4059`. */
  reachedAt(device: Device): string;
  /** How talking to a device is secured, in words; undefined when it is not talked to itself. */
  securedBy(device: Device): string | undefined;
  /** Reads a message between us and a device, as it is kept of devices that are debugged; in words for people. */
  explain(message: Uint8Array): { readonly text: string; readonly isValid: boolean };
  support(): SupportMatrix;
  /**
   * Whether an image of firmware says itself what it is, so that no identifier is given beside it.
   * @throws MetergateError VALIDATION_ERROR when it says so, but not as it must
   */
  namesItself?(image: Uint8Array): boolean;
  /** What the maker calls commands and records, and the operation that has each; for pages of the manual. */
  readonly vocabulary?: Readonly<Record<string, OperationName>>;
  /**
   * The device to connect to for an operation on `device`, which is of this family: itself, or the one that its
   * `gateway` names. Without it every device is connected to itself.
   * @throws MetergateError when there is no way to it, as the caller is told; the request is not queued then
   */
  route?(device: Device, operation: RequestedOperation, findDevice: FindDevice): Promise<Device>;
  open(parts: Parts): Adapter;
  /** Work besides requests: listeners, pollers, streams. */
  tasks(parts: Parts): readonly Task[];
}
