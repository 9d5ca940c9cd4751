import type { GetResult, SelectiveAccess } from "../../../dlms/apdu.ts";
import { asElements, asNumber, asOctets, type CosemData } from "../../../dlms/data.ts";
import { fromHex } from "../../../lib/bytes.ts";
import { obisToBytes, parseObis } from "../../../lib/obis.ts";
import { type Attribute, type CosemObject, cosemObject, readOnly } from "../cosem-object.ts";
import type { Asker, Meter, Rights } from "../meter.ts";
import { fitsShape, LOGICAL_NAME, type Shape } from "../shape.ts";
import {
  array,
  asciiOctets,
  bitString,
  enumerated,
  integer,
  logicalNameOctets,
  longUnsigned,
  NULL_DATA,
  octetString,
  structure,
  unsigned,
} from "../values.ts";

const ACCESS_MODES = { read: 1, write: 2, "read-write": 3 } as const;
/** What is left of them for an association that may only read. */
const READING_MODES = { read: 1, write: 0, "read-write": 1 } as const;
const METHOD_ACCESS = { all: 1, read: 0 } as const;

const MANAGEMENT_CLIENT = 1;
/** Object identifiers of the application contexts, and of the authentication mechanisms (Green Book, ACSE). */
const CONTEXTS = { none: "60857405080101", lls1: "60857405080103", hls5: "60857405080103" } as const;
const MECHANISMS = { none: "60857405080200", lls1: "60857405080201", hls5: "60857405080205" } as const;

const ALL = 1;
const BY_CLASS = 2;
const BY_OBJECT = 3;
const ONE_OBJECT = 4;
const OBJECT_ID: Shape = { structure: ["long-unsigned", LOGICAL_NAME] };

/** object_list_element: class, version, logical name, access rights (Blue Book, class 15). */
function element(object: CosemObject, rights: Rights): CosemData {
  const modes = rights === "all" ? ACCESS_MODES : READING_MODES;
  const attribute = (id: number, mode: number, selectors: readonly number[] | undefined) =>
    structure(integer(id), enumerated(mode), selectors ? array(selectors.map(integer)) : NULL_DATA);
  const attributes = [...object.attributes].map(([id, { access, selectors }]) =>
    attribute(id, modes[access], selectors),
  );
  const methods = [...object.methods.keys()].map((id) => structure(integer(id), enumerated(METHOD_ACCESS[rights])));
  return structure(
    longUnsigned(object.classId),
    unsigned(object.version),
    logicalNameOctets(object.logicalName),
    structure(array([attribute(1, ACCESS_MODES.read, undefined), ...attributes]), array(methods)),
  );
}

/** Lists are long and the same for every meter of a profile: made once for each, and for each kind of rights. */
const objectLists = { all: new WeakMap<object, CosemData>(), read: new WeakMap<object, CosemData>() };

function objectList(meter: Meter, rights: Rights): CosemData {
  const { objects } = meter.profile;
  let list = objectLists[rights].get(objects);
  if (!list) {
    list = array([...objects.values()].map((object) => element(object, rights)));
    objectLists[rights].set(objects, list);
  }
  return list;
}

const OBJECT_LIST: Attribute = readOnly("array", (meter) => objectList(meter, "all"), {
  selectors: [ALL, BY_CLASS, BY_OBJECT, ONE_OBJECT],
  read: readObjectList,
});

/** The logical name of the current association stands for the one of whoever asks; otherwise for the management's. */
function askerOf(meter: Meter): Asker {
  return meter.asker ?? { client: MANAGEMENT_CLIENT, rights: "all", security: meter.description.security };
}

/** An attribute that is another one for each asker. */
function asked(shape: Shape, of: (asker: Asker, meter: Meter) => CosemData): Attribute {
  const value = (meter: Meter) => of(askerOf(meter), meter);
  return readOnly(shape, value, { read: (meter) => ({ data: value(meter) }) });
}

function readObjectList(meter: Meter, access: SelectiveAccess | undefined): GetResult {
  const { rights } = askerOf(meter);
  if (!access || access.selector === ALL) {
    return { data: rights === "all" ? meter.value(OBJECT_LIST) : objectList(meter, rights) };
  }
  const wanted = matcher(access);
  if (!wanted) return { error: "type-unmatched" };
  const found = [...meter.profile.objects.values()].filter(wanted).map((object) => element(object, rights));
  if (access.selector !== ONE_OBJECT) return { data: array(found) };
  return found[0] ? { data: found[0] } : { error: "object-undefined" };
}

function matcher(access: SelectiveAccess): ((object: CosemObject) => boolean) | null {
  const { selector, parameters } = access;
  if (selector === BY_CLASS && fitsShape(parameters, { array: "long-unsigned" })) {
    const classes = asElements(parameters).map((id) => asNumber(id));
    return (object) => classes.includes(object.classId);
  }
  if (selector === BY_OBJECT && fitsShape(parameters, { array: OBJECT_ID })) {
    const tests = asElements(parameters).map(isObject);
    return (object) => tests.some((test) => test(object));
  }
  return selector === ONE_OBJECT && fitsShape(parameters, OBJECT_ID) ? isObject(parameters) : null;
}

function isObject(identity: CosemData): (object: CosemObject) => boolean {
  const [classId, name] = asElements(identity);
  return ({ classId: id, logicalName }) =>
    id === asNumber(classId!) && Buffer.compare(obisToBytes(logicalName), asOctets(name!)) === 0;
}

/** Class 15: which objects there are, and how this association came about. */
export function associationObject(version: number): CosemObject {
  const attributes: Record<number, Attribute> = {
    2: OBJECT_LIST,
    3: asked({ structure: ["integer", "long-unsigned"] }, ({ client }, meter) =>
      structure(integer(client), longUnsigned(meter.description.logicalDevice)),
    ),
    4: asked("octet-string", ({ security }) => octetString(fromHex(CONTEXTS[security]))),
    5: readOnly(
      "structure",
      structure(
        bitString(fromHex("007E1F")),
        longUnsigned(0xffff),
        longUnsigned(0xffff),
        unsigned(6),
        integer(0),
        octetString(new Uint8Array(0)),
      ),
    ),
    6: asked("octet-string", ({ security }) => octetString(fromHex(MECHANISMS[security]))),
    8: readOnly("enum", enumerated(2)),
  };
  if (version >= 1) attributes[9] = readOnly(LOGICAL_NAME, logicalNameOctets(parseObis("0.0.43.0.0.255")));
  // reply_to_HLS_authentication is answered by the association itself, before any object is asked.
  return cosemObject(15, version, parseObis("0.0.40.0.0.255"), attributes, {
    1: { parameter: "octet-string", invoke: () => "read-write-denied" },
  });
}

/** Class 17: the logical devices behind the port, here only this one. */
export const SAP_ASSIGNMENT = cosemObject(17, 0, parseObis("0.0.41.0.0.255"), {
  2: readOnly("array", (meter) =>
    array([structure(longUnsigned(meter.description.logicalDevice), asciiOctets(logicalDeviceName(meter)))]),
  ),
});

/** Class 1: the name of this logical device, at most 16 characters, beginning with the manufacturer's three letters. */
export const LOGICAL_DEVICE_NAME = cosemObject(1, 0, parseObis("0.0.42.0.0.255"), {
  2: readOnly("octet-string", (meter) => asciiOctets(logicalDeviceName(meter))),
});

function logicalDeviceName(meter: Meter): string {
  const manufacturer = Buffer.from(meter.description.systemTitle.subarray(0, 3)).toString("latin1");
  return `${manufacturer}${meter.description.identification.slice(-13)}`;
}
