import type { ActionResponse, ActionResult, DataAccessResult, GetResult, SelectiveAccess } from "../../dlms/apdu.ts";
import type { CosemData } from "../../dlms/data.ts";
import type { ObisCode } from "../../lib/obis.ts";
import type { Meter } from "./meter.ts";
import type { Shape } from "./shape.ts";

export type AttributeAccess = "read" | "write" | "read-write";

/**
 * One attribute of an object. Descriptions are immutable and shared by all meters of a profile; what a meter changes is
 * kept by the meter, under the description as key.
 */
export interface Attribute {
  readonly shape: Shape;
  readonly access: AttributeAccess;
  /** Selective access parameters that GET takes. */
  readonly selectors?: readonly number[];
  /** The value as delivered: the same for all meters, or made for one. */
  readonly initial: CosemData | ((meter: Meter) => CosemData);
  /** Computes the value instead of taking the stored one. */
  readonly read?: (meter: Meter, access: SelectiveAccess | undefined) => GetResult;
  /** Judges a value that has the right shape; it is stored when the answer is success. */
  readonly check?: (meter: Meter, value: CosemData) => DataAccessResult;
  /** Runs after a value was stored. */
  readonly changed?: (meter: Meter, value: CosemData) => void;
  /** The value that was captured at `timeMs` (epoch milliseconds) into row `row` of a profile, counted from 0. */
  readonly captured?: (meter: Meter, timeMs: number, row: number) => CosemData;
}

/** One method of an object. */
export interface Method {
  readonly parameter: Shape;
  readonly invoke: (meter: Meter, parameter: CosemData) => ActionResult | ActionResponse;
}

/** An instance of an interface class (IEC 62056-6-2): class, version, logical name, numbered attributes and methods. */
export interface CosemObject {
  readonly classId: number;
  readonly version: number;
  readonly logicalName: ObisCode;
  /** By number from 2; attribute 1 of every object is its logical name. */
  readonly attributes: ReadonlyMap<number, Attribute>;
  readonly methods: ReadonlyMap<number, Method>;
}

/** An attribute that a client can only read. */
export function readOnly(shape: Shape, initial: Attribute["initial"], more: Partial<Attribute> = {}): Attribute {
  return { shape, access: "read", initial, ...more };
}

/** An attribute that a client can read and write. */
export function writable(shape: Shape, initial: Attribute["initial"], more: Partial<Attribute> = {}): Attribute {
  return { shape, access: "read-write", initial, ...more };
}

/** Puts an object together from tables with the numbers as keys. */
export function cosemObject(
  classId: number,
  version: number,
  logicalName: ObisCode,
  attributes: Readonly<Record<number, Attribute>>,
  methods: Readonly<Record<number, Method>> = {},
): CosemObject {
  return {
    classId,
    version,
    logicalName,
    attributes: new Map(Object.entries(attributes).map(([id, attribute]) => [Number(id), attribute])),
    methods: new Map(Object.entries(methods).map(([id, method]) => [Number(id), method])),
  };
}
