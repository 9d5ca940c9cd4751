import { type ObisCode, parseObis } from "../lib/obis.ts";
import { asElements, asLogicalName, asNumber, asStructure, type CosemData, isBitSet } from "./data.ts";

/** Which protection a message must have. */
export interface AccessProtection {
  readonly authenticated: boolean;
  readonly encrypted: boolean;
  readonly signed: boolean;
}

/** What a client may do with an attribute, and how both messages must be protected for it. */
export interface AttributeAccess {
  readonly id: number;
  readonly read: boolean;
  readonly write: boolean;
  readonly request: AccessProtection;
  readonly response: AccessProtection;
  /** Selectors of selective access. */
  readonly selectors: readonly number[];
}

/** Whether a client may call a method, and how both messages must be protected for it. */
export interface MethodAccess {
  readonly id: number;
  readonly access: boolean;
  readonly request: AccessProtection;
  readonly response: AccessProtection;
}

/** An element of an association's object list. */
export interface AssociationObject {
  readonly classId: number;
  readonly version: number;
  readonly logicalName: ObisCode;
  readonly attributes: readonly AttributeAccess[];
  readonly methods: readonly MethodAccess[];
}

/** Bits of an access mode in version 3 of class 15, from the least significant (Blue Book, Association LN). */
const BITS = {
  read: 0,
  write: 1,
  authenticatedRequest: 2,
  encryptedRequest: 3,
  signedRequest: 4,
  authenticatedResponse: 5,
  encryptedResponse: 6,
  signedResponse: 7,
} as const;
const LAST_VERSION_WITH_ENUMERATION = 2;
/** The enumeration of versions 0 to 2 as bits: no access, read, write, both, then the same three authenticated. */
const ATTRIBUTE_MODES = [0b000, 0b001, 0b010, 0b011, 0b101, 0b110, 0b111] as const;
const METHOD_MODES = [0b000, 0b001, 0b101] as const;

const ASSOCIATION_LN = 15;
const CURRENT_ASSOCIATION = parseObis("0.0.40.0.0.255");

/**
 * Reads object_list, attribute 2 of class 15, versions 0 to 3. In versions 0 to 2 an access mode is one of an
 * enumeration (a boolean for the methods of version 0), in version 3 it is a set of bits.
 * @param version of the association whose list it is; by default the one that the list itself tells
 * @throws DlmsError `remote/unexpected-type` when it is built otherwise.
 */
export function decodeObjectList(data: CosemData, version?: number): AssociationObject[] {
  const elements = asElements(data, "object list").map((element) => {
    const [classId, ofClass, logicalName, rights] = asStructure(element, 4, "object list element");
    const [attributes, methods] = asStructure(rights, 2, "access rights");
    return {
      classId: asNumber(classId, "class id"),
      version: asNumber(ofClass, "class version"),
      logicalName: asLogicalName(logicalName, "logical name"),
      attributes: asElements(attributes, "attribute access"),
      methods: asElements(methods, "method access"),
    };
  });
  const isAssociation = (one: (typeof elements)[number]) =>
    one.classId === ASSOCIATION_LN && one.logicalName === CURRENT_ASSOCIATION;
  const inBits = (version ?? elements.find(isAssociation)?.version ?? 0) > LAST_VERSION_WITH_ENUMERATION;
  return elements.map(({ attributes, methods, ...rest }) => ({
    ...rest,
    attributes: attributes.map((access) => decodeAttributeAccess(access, inBits)),
    methods: methods.map((access) => decodeMethodAccess(access, inBits)),
  }));
}

/** The mode of versions 0 to 2 that comes nearest, 0 … 6: a request that must be protected at all is "authenticated". */
export function attributeAccessMode({ read, write, request }: AttributeAccess): number {
  return modeOf(ATTRIBUTE_MODES, (read ? 0b01 : 0) | (write ? 0b10 : 0), request);
}

/** The mode of versions 1 and 2 that comes nearest, 0 … 2. */
export function methodAccessMode({ access, request }: MethodAccess): number {
  return modeOf(METHOD_MODES, access ? 0b01 : 0, request);
}

function modeOf(modes: readonly number[], rights: number, request: AccessProtection): number {
  if (rights === 0) return 0;
  const isProtected = request.authenticated || request.encrypted || request.signed;
  return modes.indexOf(rights | (isProtected ? 0b100 : 0));
}

function decodeAttributeAccess(data: CosemData, inBits: boolean): AttributeAccess {
  const [id, mode, selectors] = asStructure(data, 3, "attribute access item");
  const bits = accessBits(mode, inBits ? undefined : ATTRIBUTE_MODES);
  return {
    id: asNumber(id, "attribute id"),
    read: has(bits, BITS.read),
    write: has(bits, BITS.write),
    ...protections(bits),
    selectors:
      selectors.type === "null-data"
        ? []
        : asElements(selectors, "access selectors").map((selector) => asNumber(selector, "access selector")),
  };
}

function decodeMethodAccess(data: CosemData, inBits: boolean): MethodAccess {
  const [id, mode] = asStructure(data, 2, "method access item");
  const bits = accessBits(mode, inBits ? undefined : METHOD_MODES);
  return { id: asNumber(id, "method id"), access: has(bits, BITS.read), ...protections(bits) };
}

/** The bits of an access mode; a mode that the enumeration does not have gives no access. */
function accessBits(mode: CosemData, enumeration: readonly number[] | undefined): number {
  if (mode.type === "bit-string") {
    let bits = 0;
    for (let bit = 0; bit < 8; bit++) if (isBitSet(mode.value, bit)) bits |= 1 << bit;
    return bits;
  }
  const value = mode.type === "boolean" ? Number(mode.value) : asNumber(mode, "access mode");
  return enumeration ? (enumeration[value] ?? 0) : value;
}

function protections(bits: number): { request: AccessProtection; response: AccessProtection } {
  return {
    request: {
      authenticated: has(bits, BITS.authenticatedRequest),
      encrypted: has(bits, BITS.encryptedRequest),
      signed: has(bits, BITS.signedRequest),
    },
    response: {
      authenticated: has(bits, BITS.authenticatedResponse),
      encrypted: has(bits, BITS.encryptedResponse),
      signed: has(bits, BITS.signedResponse),
    },
  };
}

function has(bits: number, bit: number): boolean {
  return (bits & (1 << bit)) !== 0;
}
