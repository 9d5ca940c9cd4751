import { z } from "zod";
import { type Authorisation, type Device, DLMS_PROTOCOLS, FUNCTION_GROUPS, type SecretType } from "../domain/device.ts";
import { MetergateError } from "../domain/errors.ts";
import { fromHex } from "../lib/bytes.ts";
import { isTimeZone } from "../lib/time-zone.ts";
import { HIGHEST_INVOCATION_COUNTER } from "./invocation-counters.ts";
import type { Secret } from "./key-vault.ts";

/** A device of the file with what belongs to it. */
export interface DeviceEntry {
  readonly device: Device;
  readonly authorisations: readonly Authorisation[];
  readonly invocationCounter?: number | undefined;
  /** Keys in clear. */
  readonly secrets: readonly Secret[];
}

export interface DeviceFile {
  readonly organisations: readonly string[];
  readonly devices: readonly DeviceEntry[];
}

/** Problems that one error text names; the rest is only counted. */
const MOST_PROBLEMS = 20;

/** An object that takes these keys and no others, and says which when it meets another. */
function record<S extends z.ZodRawShape>(shape: S) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `unknown ${issue.keys?.join(", ")}; allowed: ${Object.keys(shape).join(", ")}`
        : "must be an object",
  });
}

function text(pattern: RegExp, allowed: string) {
  return z.string(`must be ${allowed}`).regex(pattern, `must be ${allowed}`);
}

function integer(lowest: number, highest: number) {
  const allowed = `must be a whole number from ${lowest} to ${highest}`;
  return z.int(allowed).min(lowest, allowed).max(highest, allowed);
}

function list<T extends z.ZodType>(element: T) {
  return z.array(element, "must be a list");
}

/** Both parts of an HDLC server address have 14 bits (IEC 62056-46). */
const LARGEST_HDLC_PART = 0x3fff;

const flag = z.boolean("must be true or false").default(false);

const organisation = text(/^\S{1,40}$/, "1 to 40 characters without spaces");
/** The contract's DeviceIdentification, and the 40 characters that its Identification leaves. */
const deviceIdentification = text(/^[a-zA-Z0-9 ]{16,40}$/, "16 to 40 letters, digits or spaces");

const key = text(/^[0-9a-fA-F]{32}$/, "32 hexadecimal digits (16 octets)").transform(fromHex);
const password = text(/^[\x20-\x7e]{1,64}$/, "1 to 64 printable ASCII characters").transform(
  (characters): Uint8Array => Buffer.from(characters, "ascii"),
);

const keys = record({
  E_METER_MASTER_KEY: key.optional(),
  E_METER_AUTHENTICATION_KEY: key.optional(),
  E_METER_ENCRYPTION_KEY_UNICAST: key.optional(),
  E_METER_ENCRYPTION_KEY_BROADCAST: key.optional(),
  G_METER_MASTER_KEY: key.optional(),
  G_METER_ENCRYPTION_KEY: key.optional(),
  G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY: key.optional(),
  G_METER_OPTICAL_PORT_KEY: key.optional(),
  PPP_PASSWORD: password.optional(),
  LLS_PASSWORD: password.optional(),
} satisfies Record<SecretType, z.ZodType>);

const PROTOCOLS_TEXT = Object.entries(DLMS_PROTOCOLS)
  .flatMap(([name, versions]) => versions.map((version) => `${name} ${version}`))
  .join(", ");

const protocol = record({ name: z.string("must be text"), version: z.string("must be text") }).refine(
  ({ name, version }) => PROTOCOLS_TEXT.split(", ").includes(`${name} ${version}`),
  `must be name and version of one of: ${PROTOCOLS_TEXT}`,
);

const TIMEZONE_TEXT = "must be an IANA time zone, e.g. Europe/Amsterdam";
const timezone = z.string(TIMEZONE_TEXT).refine(isTimeZone, TIMEZONE_TEXT);

const functionGroup = z.enum(FUNCTION_GROUPS, `must be one of: ${FUNCTION_GROUPS.join(", ")}`);

const deviceEntry = record({
  identification: deviceIdentification,
  family: z.literal("dlms", 'must be "dlms"').default("dlms"),
  protocol,
  model: text(/^.{1,255}$/, "1 to 255 characters").optional(),
  timezone: timezone.default("Europe/Amsterdam"),
  host: text(/^[0-9A-Za-z.:_-]{1,255}$/, "a host name or IP address").optional(),
  port: integer(1, 65_535).default(4059),
  logicalDevice: integer(1, 65_535).default(1),
  physicalDevice: integer(0, LARGEST_HDLC_PART).optional(),
  useHdlc: flag,
  useSn: flag,
  hls5Active: flag,
  hls4Active: flag,
  hls3Active: flag,
  lls1Active: flag,
  challengeLength: integer(8, 64).default(16),
  withListMax: integer(1, 255).default(1),
  selectiveAccessSupported: flag,
  polyphase: flag,
  gateway: record({ device: deviceIdentification, channel: integer(1, 4) }).optional(),
  mbus: record({
    identificationNumber: text(/^\d{8}$/, "8 digits"),
    manufacturerIdentification: text(/^[A-Z]{3}$/, "3 capital letters"),
    version: integer(0, 255),
    deviceType: integer(0, 255),
  }).optional(),
  invocationCounter: integer(0, HIGHEST_INVOCATION_COUNTER).optional(),
  keys: keys.default({}),
  owner: organisation.optional(),
  authorisations: list(record({ organisation, functionGroup })).default([]),
}).refine(
  ({ host, gateway, mbus }) => (host === undefined) !== (gateway === undefined && mbus === undefined),
  "must have either host (a meter that is reached itself), or gateway or mbus (a meter behind another)",
);

/** What a transport cannot say is refused here, and not at the first connection. */
const reachableEntry = deviceEntry
  .refine(({ useHdlc, logicalDevice }) => !useHdlc || logicalDevice <= LARGEST_HDLC_PART, {
    path: ["logicalDevice"],
    error: `must be a whole number from 1 to ${LARGEST_HDLC_PART} with useHdlc`,
  })
  .refine(({ useHdlc, physicalDevice }) => useHdlc || physicalDevice === undefined, {
    path: ["physicalDevice"],
    error: "is part of an HDLC address: only with useHdlc",
  });

const deviceFile = record({
  organisations: list(record({ identification: organisation })).default([]),
  devices: list(reachableEntry).default([]),
});

function toEntry(entry: z.infer<typeof deviceEntry>): DeviceEntry {
  const { identification, family, protocol, model, timezone, gateway, mbus, host, owner } = entry;
  const { hls5Active, hls4Active, hls3Active, lls1Active } = entry;
  const { port, logicalDevice, physicalDevice, useHdlc, useSn } = entry;
  const { challengeLength, withListMax, selectiveAccessSupported, polyphase } = entry;
  const physical = physicalDevice === undefined ? {} : { physicalDevice };
  const abilities = { challengeLength, withListMax, selectiveAccessSupported, ...(polyphase && { polyphase }) };
  const address = { port, logicalDevice, ...physical, useHdlc, useSn };
  const dlms = host === undefined ? undefined : { host, ...address, ...abilities };
  const security = { hls5Active, hls4Active, hls3Active, lls1Active };
  const ownership: Authorisation[] = owner === undefined ? [] : [{ organisation: owner, functionGroup: "OWNER" }];
  const rights = [...ownership, ...entry.authorisations];
  return {
    device: { identification, family, protocol, timezone, security, dlms, gateway, mbus, model },
    authorisations: [...new Map(rights.map((right) => [JSON.stringify(right), right])).values()],
    invocationCounter: entry.invocationCounter,
    secrets: Object.entries(entry.keys).map(([type, value]) => ({ type: type as SecretType, value })),
  };
}

/** `devices[3].keys.LLS_PASSWORD` */
function formatPath(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`)).join("");
  return text.replace(/^\./, "") || "the file";
}

function refuse(problems: readonly string[]): never {
  const more = problems.length > MOST_PROBLEMS ? [`and ${problems.length - MOST_PROBLEMS} more`] : [];
  throw new MetergateError("VALIDATION_ERROR", [...problems.slice(0, MOST_PROBLEMS), ...more].join("\n"));
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content);
  } catch (error) {
    // The engine's own words may quote the file, and with it a key.
    const [, at] = /at position (\d+)/.exec((error as Error).message) ?? [];
    const before = at === undefined ? "" : content.slice(0, Number(at));
    refuse([`the file is not JSON${at === undefined ? "" : `, from line ${before.split("\n").length} on`}`]);
  }
}

function duplicates(file: DeviceFile): string[] {
  const seen = new Map<string, number>();
  const problems: string[] = [];
  for (const [i, { device }] of file.devices.entries()) {
    const first = seen.get(device.identification);
    if (first === undefined) seen.set(device.identification, i);
    else problems.push(`devices[${i}].identification: is the same as devices[${first}].identification`);
  }
  return problems;
}

/**
 * Reads a devices file (docs/devices.md).
 * @throws MetergateError VALIDATION_ERROR with one line per problem: the JSON path and what is allowed. Never a value.
 */
export function parseDeviceFile(content: string): DeviceFile {
  const parsed = deviceFile.safeParse(parseJson(content));
  if (!parsed.success) refuse(parsed.error.issues.map((issue) => `${formatPath(issue.path)}: ${issue.message}`));
  const file = {
    organisations: [...new Set(parsed.data.organisations.map(({ identification }) => identification))],
    devices: parsed.data.devices.map(toEntry),
  };
  const problems = duplicates(file);
  if (problems.length > 0) refuse(problems);
  return file;
}
