import type { ElementName } from "./generated/index.ts";

/** The built-in types of XML Schema that the contract uses. */
export type BuiltInType =
  | "anyURI"
  | "boolean"
  | "byte"
  | "dateTime"
  | "decimal"
  | "hexBinary"
  | "int"
  | "integer"
  | "long"
  | "normalizedString"
  | "short"
  | "string"
  | "unsignedByte"
  | "unsignedInt"
  | "unsignedShort";

/**
 * A whole number of a type that reaches beyond 2^53 (xsd:long, xsd:integer). Decoding gives a number as long as that is
 * exact (|value| ≤ 2^53 − 1) and a bigint beyond; encoding takes either. `Number(value)` is enough before a range check.
 */
export type Integer = number | bigint;

/** A decimal number as its digits, so that none is lost: `-12.340`. No exponent. */
export type Decimal = string;

/** Name of a type: `xsd:int`, or schema and local name as in `common:Channel`. */
export type TypeName = string;

/** A simple type: the built-in it comes down to, and the facets of the whole derivation. */
export interface SimpleTypeTable {
  readonly base: BuiltInType;
  readonly enumeration?: readonly string[];
  /** All of them hold. Syntax of XML Schema, implicitly anchored. */
  readonly patterns?: readonly string[];
  /** Characters, or octets for hexBinary. */
  readonly minLength?: number;
  readonly maxLength?: number;
  /** As digits where a number would not be exact. */
  readonly minInclusive?: number | Decimal;
  readonly maxInclusive?: number | Decimal;
}

/** One child element. */
export interface FieldTable {
  readonly name: string;
  /** The schema that declares it, hence its namespace: an inherited child keeps its own. */
  readonly schema: string;
  readonly type: TypeName;
  readonly min: number;
  readonly max: number | "unbounded";
  readonly nillable?: true;
  /** Lexical value that stands for an empty element, and for an absent one. */
  readonly default?: string;
  /** Fields of one group, called by its first field, are given together or not at all. */
  readonly group?: string;
}

/** An xsd:choice. Its elements are kept in document order, each with its name. */
export interface ChoiceTable {
  readonly choice: readonly FieldTable[];
  readonly min: number;
  readonly max: number | "unbounded";
}

/** An attribute without a namespace. */
export interface AttributeTable {
  readonly name: string;
  readonly type: TypeName;
  readonly required: boolean;
}

/** A complex type: its children in order, those of the base type first; or text with attributes. */
export interface ComplexTypeTable {
  readonly particles: readonly (FieldTable | ChoiceTable)[];
  /** Type of the text, which is the property `value`, when there are attributes instead of children. */
  readonly text?: TypeName;
  readonly attributes?: readonly AttributeTable[];
}

/**
 * What an operation does: "request" puts an order and gives a correlation UID, "fetch" asks for the result of one,
 * "sync" answers at once.
 */
export type OperationKind = "request" | "fetch" | "sync";

/** One operation of a port type. */
export interface ServiceOperation {
  readonly name: string;
  readonly kind: OperationKind;
  readonly input: ElementName;
  readonly output: ElementName;
  /** For a fetch operation: the operation whose result it gives. Without one the platform itself started the work. */
  readonly request?: string;
}

/** One WSDL file: a service with a single port. */
export interface Service {
  readonly name: string;
  /** File name in the folder `wsdl`. */
  readonly wsdl: string;
  /** Target namespace of the WSDL; the default WS-Addressing actions begin with it. */
  readonly namespace: string;
  /** URL path of the endpoint, with a slash at the end. */
  readonly path: string;
  readonly portType: string;
  readonly binding: string;
  readonly operations: readonly ServiceOperation[];
}
