import fc from "fast-check";
import {
  ACTION_RESULTS,
  type Apdu,
  CONFORMANCE_BITS,
  type ConformanceBit,
  type CosemData,
  DATA_ACCESS_RESULTS,
  type SimpleDataType,
  type TypeDescription,
} from "../../src/dlms/index.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { character } from "../characters.ts";

/** Generators of everything the codecs take. Optional parts are left out rather than undefined, as decoders do. */

const plainObjects = { noNullPrototype: true } as const;
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(fields, plainObjects);

function withOptional<T extends object, O extends object>(
  fields: { [K in keyof T]: fc.Arbitrary<T[K]> },
  optional: { [K in keyof O]: fc.Arbitrary<O[K]> },
): fc.Arbitrary<T & Partial<O>> {
  const requiredKeys = Object.keys(fields) as (keyof T & keyof (T & O))[];
  return fc.record({ ...fields, ...optional } as never, { requiredKeys, ...plainObjects } as never) as never;
}

/** Lengths at which the encoding of a length changes its form. */
export const BORDER_LENGTHS = [0, 1, 127, 128, 255, 256, 65_535, 65_536] as const;

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const someOctets = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(127, 128, 255, 256).chain(octets) },
);
const unsigned8 = fc.integer({ min: 0, max: 0xff });
const unsigned16 = fc.integer({ min: 0, max: 0xffff });
const unsigned32 = fc.integer({ min: 0, max: 0xffff_ffff });
const integer8 = fc.integer({ min: -0x80, max: 0x7f });

const bitString = fc
  .integer({ min: 0, max: 300 })
  .chain((length) => octets(Math.ceil(length / 8)).map((bytes) => ({ length, bytes })));

const visible = fc.string({ unit: fc.integer({ min: 0, max: 0xff }).map((code) => String.fromCharCode(code)) });

const simpleValues: { readonly [Type in SimpleDataType]: fc.Arbitrary<unknown> } = {
  "null-data": fc.constant(undefined),
  boolean: fc.boolean(),
  "bit-string": bitString,
  "double-long": fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  "double-long-unsigned": unsigned32,
  "octet-string": someOctets,
  "visible-string": visible,
  "utf8-string": fc.string({ unit: character }),
  bcd: unsigned8,
  integer: integer8,
  long: fc.integer({ min: -0x8000, max: 0x7fff }),
  unsigned: unsigned8,
  "long-unsigned": unsigned16,
  long64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  "long64-unsigned": fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  enum: unsigned8,
  float32: fc.float(),
  float64: fc.double(),
  "date-time": octets(12),
  date: octets(5),
  time: octets(4),
  "delta-integer": integer8,
  "delta-long": fc.integer({ min: -0x8000, max: 0x7fff }),
  "delta-double-long": fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }),
  "delta-unsigned": unsigned8,
  "delta-long-unsigned": unsigned16,
  "delta-double-long-unsigned": unsigned32,
  "dont-care": fc.constant(undefined),
};
const simpleTypes = Object.keys(simpleValues) as SimpleDataType[];

const simpleOf = (type: SimpleDataType): fc.Arbitrary<CosemData> =>
  simpleValues[type].map((value) => (value === undefined ? { type } : { type, value }) as CosemData);

const { description } = fc.letrec<{ description: TypeDescription }>((tie) => ({
  description: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(...simpleTypes).map((type) => ({ type })),
    record({ type: fc.constant("array" as const), count: fc.integer({ min: 0, max: 3 }), element: tie("description") }),
    record({ type: fc.constant("structure" as const), elements: fc.array(tie("description"), { maxLength: 3 }) }),
  ),
}));

function valueFor(of: TypeDescription): fc.Arbitrary<CosemData> {
  if (of.type === "array") {
    const { count, element } = of;
    const value = fc.array(valueFor(element), { minLength: count, maxLength: count });
    return record({ type: fc.constant("array" as const), value });
  }
  if (of.type === "structure") {
    return record({ type: fc.constant("structure" as const), value: fc.tuple(...of.elements.map(valueFor)) });
  }
  return simpleOf(of.type);
}

/** Elements that take at least one octet: a structure that starts with an unsigned. */
const compactArray: fc.Arbitrary<CosemData> = description.chain((inner) => {
  const whole: TypeDescription = { type: "structure", elements: [{ type: "unsigned" }, inner] };
  return record({
    type: fc.constant("compact-array" as const),
    description: fc.constant(whole),
    value: fc.array(valueFor(whole), { maxLength: 4 }),
  });
});

/** Any COSEM value. */
export const cosemData: fc.Arbitrary<CosemData> = fc.letrec<{ data: CosemData }>((tie) => ({
  data: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom(...simpleTypes).chain(simpleOf),
    compactArray,
    record({ type: fc.constant("array" as const), value: fc.array(tie("data"), { maxLength: 5 }) }),
    record({ type: fc.constant("structure" as const), value: fc.array(tie("data"), { maxLength: 5 }) }),
  ),
})).data;

const obis = fc.array(unsigned8, { minLength: 6, maxLength: 6 }).map((groups) => parseObis(groups.join(".")));
const invoke = record({
  id: fc.integer({ min: 0, max: 15 }),
  confirmed: fc.boolean(),
  highPriority: fc.boolean(),
});
const access = record({ selector: unsigned8, parameters: cosemData });
const descriptor = { classId: unsigned16, logicalName: obis, attribute: integer8 };
const attribute = withOptional(descriptor, { access });
const method = record({ classId: unsigned16, logicalName: obis, method: integer8 });
const accessResult = fc.constantFrom(...(Object.keys(DATA_ACCESS_RESULTS) as (keyof typeof DATA_ACCESS_RESULTS)[]));
const accessError = accessResult.filter((result) => result !== "success");
const actionResult = fc.constantFrom(...(Object.keys(ACTION_RESULTS) as (keyof typeof ACTION_RESULTS)[]));
const getResult = fc.oneof(record({ data: cosemData }), record({ error: accessError }));
const block = record({ last: fc.boolean(), number: unsigned32, raw: someOctets });
const shortBlock = record({ last: fc.boolean(), number: unsigned16, raw: someOctets });
const actionResponse = withOptional({ result: actionResult }, { returned: getResult });
const list = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 4 });
const conformance = fc.subarray(Object.keys(CONFORMANCE_BITS) as ConformanceBit[]);
const smallInteger = fc.integer({ min: 0, max: 0x7f });

const context = fc.constantFrom(
  "logical-name" as const,
  "short-name" as const,
  "logical-name-with-ciphering" as const,
  "short-name-with-ciphering" as const,
);
const mechanism = fc.constantFrom("lowest" as const, "low" as const, "high-gmac" as const, "high-ecdsa" as const);

const variable = fc.oneof(
  withOptional({ shortName: unsigned16 }, { access }),
  record({ blockNumber: unsigned16 }),
  record({ block: shortBlock }),
  record({ writeBlock: record({ last: fc.boolean(), number: unsigned16 }) }),
);

type ApduOf<Type extends Apdu["type"]> = Apdu & { readonly type: Type };
type FieldsOf<Type extends Apdu["type"]> = { [K in keyof Omit<ApduOf<Type>, "type">]?: fc.Arbitrary<ApduOf<Type>[K]> };

/** An APDU of this type with all of these fields, and some of the optional ones. */
function apduOf<Type extends Apdu["type"]>(
  type: Type,
  fields: FieldsOf<Type>,
  optional: FieldsOf<Type> = {},
): fc.Arbitrary<Apdu> {
  return withOptional({ type: fc.constant(type), ...fields } as never, optional as never) as fc.Arbitrary<Apdu>;
}

const protocolVersion = fc.constant(true);
const acseApdus = [
  apduOf(
    "aarq",
    { applicationContext: context, userInformation: someOctets },
    { protocolVersion, callingApTitle: octets(8), mechanism, callingAuthenticationValue: someOctets },
  ),
  apduOf(
    "aare",
    {
      applicationContext: context,
      result: smallInteger,
      diagnosticSource: fc.constantFrom("acse-service-user", "acse-service-provider"),
      diagnostic: smallInteger,
    },
    {
      protocolVersion,
      respondingApTitle: octets(8),
      mechanism,
      respondingAuthenticationValue: someOctets,
      userInformation: someOctets,
    },
  ),
  apduOf("rlrq", {}, { reason: smallInteger, userInformation: someOctets }),
  apduOf("rlre", {}, { reason: smallInteger, userInformation: someOctets }),
];

const payload = fc.uint8Array({ minLength: 5, maxLength: 300 });
const cipheredApdus = [
  apduOf("ciphered", { tag: fc.constantFrom(0x21, 0x28, 0xc8, 0xcb, 0xcf, 0xd0, 0xd7), payload }),
  apduOf("ciphered", {
    tag: fc.constantFrom(0xdb, 0xdc),
    systemTitle: fc.oneof(octets(8), octets(0)),
    payload,
  }),
];

const generalBlock = apduOf("general-block", {
  last: fc.boolean(),
  streaming: fc.boolean(),
  window: fc.integer({ min: 0, max: 63 }),
  number: unsigned16,
  acknowledged: unsigned16,
  raw: someOctets,
});

const logicalNameApdus = [
  apduOf("get-request-normal", { invoke, attribute }),
  apduOf("get-request-next", { invoke, blockNumber: unsigned32 }),
  apduOf("get-request-with-list", { invoke, attributes: list(attribute) }),
  apduOf("get-response-normal", { invoke, result: getResult }),
  apduOf("get-response-with-datablock", {
    invoke,
    block: fc.oneof(block, record({ last: fc.boolean(), number: unsigned32, error: accessError })),
  }),
  apduOf("get-response-with-list", { invoke, results: list(getResult) }),
  apduOf("set-request-normal", { invoke, attribute, value: cosemData }),
  apduOf("set-request-with-first-datablock", { invoke, attribute, block }),
  apduOf("set-request-with-datablock", { invoke, block }),
  apduOf("set-request-with-list", { invoke, attributes: list(attribute), values: list(cosemData) }),
  apduOf("set-request-with-list-and-first-datablock", { invoke, attributes: list(attribute), block }),
  apduOf("set-response-normal", { invoke, result: accessResult }),
  apduOf("set-response-datablock", { invoke, blockNumber: unsigned32 }),
  apduOf("set-response-last-datablock", { invoke, result: accessResult, blockNumber: unsigned32 }),
  apduOf("set-response-last-datablock-with-list", { invoke, results: list(accessResult), blockNumber: unsigned32 }),
  apduOf("set-response-with-list", { invoke, results: list(accessResult) }),
  apduOf("action-request-normal", { invoke, method }, { parameters: cosemData }),
  apduOf("action-request-next-pblock", { invoke, blockNumber: unsigned32 }),
  apduOf("action-request-with-list", { invoke, methods: list(method), parameters: list(cosemData) }),
  apduOf("action-request-with-first-pblock", { invoke, method, block }),
  apduOf("action-request-with-list-and-first-pblock", { invoke, methods: list(method), block }),
  apduOf("action-request-with-pblock", { invoke, block }),
  apduOf("action-response-normal", { invoke, response: actionResponse }),
  apduOf("action-response-with-pblock", { invoke, block }),
  apduOf("action-response-with-list", { invoke, responses: list(actionResponse) }),
  apduOf("action-response-next-pblock", { invoke, blockNumber: unsigned32 }),
];

const otherApdus = [
  apduOf(
    "initiate-request",
    { responseAllowed: fc.boolean(), dlmsVersion: unsigned8, conformance, clientMaxReceivePduSize: unsigned16 },
    { dedicatedKey: octets(16), proposedQualityOfService: integer8 },
  ),
  apduOf(
    "initiate-response",
    { dlmsVersion: unsigned8, conformance, serverMaxReceivePduSize: unsigned16, vaaName: unsigned16 },
    { negotiatedQualityOfService: integer8 },
  ),
  apduOf("exception-response", { stateError: unsigned8, serviceError: unsigned8.filter((error) => error !== 6) }),
  apduOf("exception-response", {
    stateError: unsigned8,
    serviceError: fc.constant(6),
    expectedInvocationCounter: unsigned32,
  }),
  apduOf("confirmed-service-error", { service: unsigned8, category: unsigned8, value: unsigned8 }),
  apduOf("data-notification", {
    longInvokeIdAndPriority: unsigned32,
    dateTime: fc.oneof(octets(0), octets(12)),
    body: cosemData,
  }),
  apduOf("event-notification-request", { attribute: record(descriptor), value: cosemData }, { time: octets(12) }),
  apduOf("read-request", { variables: list(variable) }),
  apduOf("read-response", {
    results: list(fc.oneof(getResult, record({ block: shortBlock }), record({ blockNumber: unsigned16 }))),
  }),
  apduOf("write-request", { variables: list(variable), values: list(cosemData) }),
  apduOf("write-response", { results: list(fc.oneof(accessResult, record({ blockNumber: unsigned16 }))) }),
];

/** Any APDU. */
export const anyApdu: fc.Arbitrary<Apdu> = fc.oneof(
  ...acseApdus,
  ...cipheredApdus,
  generalBlock,
  ...logicalNameApdus,
  ...otherApdus,
);
