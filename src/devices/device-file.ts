import * as z from "zod";
import { type Authorisation, type Device, FUNCTION_GROUPS } from "../domain/device.ts";
import { MetergateError } from "../domain/errors.ts";
import type { Family } from "../domain/family.ts";
import { deviceIdentification, list, record, text } from "../domain/record-schema.ts";
import { isTimeZone } from "../lib/time-zone.ts";
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

const organisation = text(/^\S{1,40}$/, "1 to 40 characters without spaces");

const TIMEZONE_TEXT = "must be an IANA time zone, e.g. Europe/Amsterdam";
const timezone = z.string(TIMEZONE_TEXT).refine(isTimeZone, TIMEZONE_TEXT);

const functionGroup = z.enum(FUNCTION_GROUPS, `must be one of: ${FUNCTION_GROUPS.join(", ")}`);

/** What a record has whatever the family is; see `entryOf`. */
const COMMON = record({
  identification: deviceIdentification,
  family: z.string(),
  protocol: record({ name: z.string("must be text"), version: z.string("must be text") }),
  model: text(/^.{1,255}$/, "1 to 255 characters").optional(),
  networkSegment: text(/^\S{1,40}$/, "1 to 40 characters without spaces").optional(),
  timezone: timezone.default("Europe/Amsterdam"),
  keys: z.record(z.string(), z.instanceof(Uint8Array).optional()),
  owner: organisation.optional(),
  authorisations: list(record({ organisation, functionGroup })).default([]),
});
type CommonEntry = z.infer<typeof COMMON>;

/** The record of a device of one family: what all have, and what the family keeps besides. */
function entryOf({ name, protocols, record: own, secrets }: Family): z.ZodType<DeviceEntry> {
  const { protocol, model, networkSegment, timezone, owner, authorisations, identification } = COMMON.shape;
  const versions = Object.entries(protocols).flatMap(([each, known]) => known.map((version) => `${each} ${version}`));
  const shapes = Object.entries(secrets).map(([type, shape]) => [type, shape.optional()]);
  let entry = record({
    identification,
    family: z.literal(name).default(name),
    protocol: protocol.refine(
      (given) => versions.includes(`${given.name} ${given.version}`),
      `must be name and version of one of: ${versions.join(", ")}`,
    ),
    ...{ model, networkSegment, timezone },
    ...own.keys,
    keys: record(Object.fromEntries(shapes)).default({}),
    ...{ owner, authorisations },
  });
  for (const { key, text: error, holds } of own.rules) {
    entry = entry.refine((each) => holds(each as never), { path: key === undefined ? [] : [key], error });
  }
  return entry.transform((each) => toEntry(each as unknown as CommonEntry, own.toDevice(each as never)));
}

function toEntry(entry: CommonEntry, own: ReturnType<Family["record"]["toDevice"]>): DeviceEntry {
  const { identification, family, protocol, model, networkSegment, timezone, owner } = entry;
  const ownership: Authorisation[] = owner === undefined ? [] : [{ organisation: owner, functionGroup: "OWNER" }];
  const rights = [...ownership, ...entry.authorisations];
  return {
    device: {
      ...{ identification, family, protocol, timezone, ...own.device, model },
      ...(networkSegment !== undefined && { networkSegment }),
    },
    authorisations: [...new Map(rights.map((right) => [JSON.stringify(right), right])).values()],
    invocationCounter: own.invocationCounter,
    secrets: Object.entries(entry.keys).flatMap(([type, value]) => (value ? [{ type, value }] : [])),
  };
}

/** A record of whatever family it names; of the first when it names none. */
function anyEntry(families: readonly Family[]): z.ZodType<DeviceEntry> {
  const entries = new Map(families.map((family) => [family.name, entryOf(family)]));
  const allowed = `must be ${[...entries.keys()].map((name) => JSON.stringify(name)).join(" or ")}`;
  const familyOf = z.looseObject({ family: z.string().default(families[0]?.name ?? "") }).catch({ family: "" });
  return z.unknown().transform((given, context) => {
    const isRecord = typeof given === "object" && given !== null;
    const entry = isRecord ? entries.get(familyOf.parse(given).family) : [...entries.values()][0];
    const parsed = entry?.safeParse(given);
    if (parsed?.success) return parsed.data;
    context.issues.push(
      ...(parsed?.error.issues ?? [{ path: ["family"], message: allowed }]).map(({ path, message }) => ({
        code: "custom" as const,
        ...{ input: given, path: [...path], message },
      })),
    );
    return z.NEVER;
  });
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

/** A record that did not come in a file, of a device of this family. @throws MetergateError as `parseDeviceFile` */
export function parseRecord(given: object, family: Family): DeviceEntry {
  const parsed = entryOf(family).safeParse(given);
  if (parsed.success) return parsed.data;
  refuse(parsed.error.issues.map(({ path, message }) => `${path.map(String).join(".") || "the device"}: ${message}`));
}

/**
 * Reads a devices file (docs/devices.md).
 * @param families that its devices may be of
 * @throws MetergateError VALIDATION_ERROR with one line per problem: the JSON path and what is allowed. Never a value.
 */
export function parseDeviceFile(content: string, families: readonly Family[]): DeviceFile {
  const deviceFile = record({
    organisations: list(record({ identification: organisation })).default([]),
    devices: list(anyEntry(families)).default([]),
  });
  const parsed = deviceFile.safeParse(parseJson(content));
  if (!parsed.success) refuse(parsed.error.issues.map((issue) => `${formatPath(issue.path)}: ${issue.message}`));
  const file = {
    organisations: [...new Set(parsed.data.organisations.map(({ identification }) => identification))],
    devices: parsed.data.devices,
  };
  const problems = duplicates(file);
  if (problems.length > 0) refuse(problems);
  return file;
}
