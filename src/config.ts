import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  flag,
  host,
  httpUrl,
  integer,
  numbersByName,
  oneOf,
  path,
  type Setting,
  serverUrl,
  setting,
  type ValuesOf,
} from "./domain/settings.ts";
import { FAMILY_SETTINGS } from "./families.ts";
import { TLS_SETTINGS } from "./http/tls-settings.ts";
import { LOG_SETTINGS } from "./message-log/settings.ts";
import { NOTIFICATION_SETTINGS } from "./notifications/settings.ts";

/** Where the configuration file may be named instead of with `--config`. */
const FILE_VARIABLE = "METERGATE_CONFIG";
const PREFIX = "METERGATE_";

/** A configuration that is not valid. `problems` has one line per setting: its name, what it is, what is allowed. */
export class ConfigError extends Error {
  readonly code = "CONFIG_INVALID";
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

const DAY_MS = 86_400_000;

/** What operators can set about the service itself; families bring theirs. */
const OWN_SETTINGS = {
  port: setting(integer(0, 65_535), 8080, "TCP port of the SOAP services; 0 takes any free one."),
  host: setting(host, "127.0.0.1", "Address to listen on; 0.0.0.0 listens on all IPv4 interfaces."),
  adminPort: setting(
    integer(0, 65_535),
    undefined,
    "TCP port on 127.0.0.1 for metrics, under /metrics; 0 takes any free one.",
    { defaultText: "none: closed" },
  ),
  publicUrl: setting(httpUrl, undefined, "Address that callers see; written into the WSDLs.", {
    defaultText: "the address listened on",
  }),
  dataDir: setting(path, "./data", "Directory of the database and of the keys; made at the first start."),
  databaseUrl: setting(
    serverUrl("postgres:", "postgresql:", "mssql:", "sqlserver:"),
    undefined,
    "Database server to use: postgres://user@host/database or mssql://user:password@host/db. The keys stay in the data directory.",
    { defaultText: "an SQLite file in the data directory" },
  ),
  databaseConnections: setting(
    integer(2, 1000),
    10,
    "Most connections of a process to the database server at the same time.",
  ),
  vaultKeyFile: setting(path, undefined, "File with the key-encryption keys of the vault; made at the first start.", {
    defaultText: "vault.key in the data directory",
  }),
  operatorsFile: setting(path, undefined, "Which accounts may look, act and audit by commands, JSON.", {
    defaultText: "none: all may",
  }),
  maxBodyBytes: setting(integer(1024, 1_073_741_824), 1_048_576, "Largest SOAP request that is accepted.", {
    unit: "bytes",
  }),
  validateResponses: setting(flag, false, "Check every SOAP response against its schema before it leaves."),
  retentionDays: setting(integer(1, 3650), 7, "How long finished requests, their results and pushed alarms are kept.", {
    unit: "days",
  }),
  retryDelayMs: setting(integer(0, DAY_MS), 30_000, "Wait before the first retry; it doubles with each further one.", {
    unit: "ms",
  }),
  maxRetries: setting(integer(0, 20), 2, "Retries of a request after its first attempt failed."),
  workerConcurrency: setting(integer(1, 10_000), 100, "Devices of a family that are talked to at the same time."),
  maxWaitingPerOrganisation: setting(
    integer(1, 100_000_000),
    1_000_000,
    "Requests of one organisation that may wait; more are refused with SERVICE_BUSY and status 503.",
  ),
  messagesPerSecondPerOrganisation: setting(
    integer(0, 1_000_000),
    0,
    "Messages that one organisation may send within a second; more are refused like the above. 0 is no limit.",
  ),
  connectionsPerSecond: setting(
    integer(0, 100_000),
    0,
    "Most connections to devices that begin within a second; 0 is no limit. Mobile networks may need one, e.g. 30.",
  ),
  throttling: setting(
    oneOf("local", "shared"),
    "local",
    "Whether limits on connections hold for each process, or for all nodes of the database together.",
  ),
  openConnections: setting(
    integer(0, 1_000_000),
    1_000,
    "Most connections to devices of a family that all nodes have open, with shared throttling; 0 is no limit.",
  ),
  connectionsPerSegment: setting(
    integer(0, 1_000_000),
    0,
    "The same for each network segment that devices have in their record; 0 is no limit.",
  ),
  segmentConnections: setting(
    numbersByName(0, 1_000_000),
    {},
    "The same for the segments that are named, in place of the setting before.",
    { defaultText: "none" },
  ),
  leaseMs: setting(integer(1000, DAY_MS), 60_000, "How long a worker may be silent before its request is given away.", {
    unit: "ms",
  }),
  logLevel: setting(
    oneOf("fatal", "error", "warn", "info", "debug", "trace", "silent"),
    "info",
    "Least severity that is logged; debug also prints the stack of an error.",
  ),
} as const;

/**
 * Every setting there is; help and manual are generated from this table. The key is the name in the file; the variable
 * is `METERGATE_` and the key in capitals with underscores.
 */
export const SETTINGS = {
  ...OWN_SETTINGS,
  ...TLS_SETTINGS,
  ...LOG_SETTINGS,
  ...NOTIFICATION_SETTINGS,
  ...FAMILY_SETTINGS,
} as const;

type SettingName = keyof typeof SETTINGS;

/** The checked configuration, frozen. Units are those of `SETTINGS`. */
export type Config = Readonly<Omit<ValuesOf<typeof SETTINGS>, "vaultKeyFile"> & { vaultKeyFile: string }>;

const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** The environment variable of a setting: `maxBodyBytes` is METERGATE_MAX_BODY_BYTES. */
function variableOf(name: string): string {
  return PREFIX + name.replace(/[A-Z]/g, (capital) => `_${capital}`).toUpperCase();
}

const NAME_OF_VARIABLE = new Map(SETTING_NAMES.map((name) => [variableOf(name), name]));

/** A value that was given and where it stands, for the error text. */
interface Given {
  readonly value: unknown;
  readonly where: string;
}

function readFile(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    throw new ConfigError([`configuration file ${file} cannot be read: ${(cause as Error).message}`]);
  }
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError([`configuration file ${file} is not JSON: ${(cause as Error).message}`]);
  }
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ConfigError([`configuration file ${file} must hold one JSON object`]);
  }
  return content as Record<string, unknown>;
}

function givenByFile(file: string, problems: string[]): Map<SettingName, Given> {
  const given = new Map<SettingName, Given>();
  for (const [name, value] of Object.entries(readFile(file))) {
    if (Object.hasOwn(SETTINGS, name)) given.set(name as SettingName, { value, where: `${name} in ${file}` });
    else problems.push(`${name} in ${file} is not a setting; allowed: ${SETTING_NAMES.join(", ")}`);
  }
  return given;
}

function givenByVariables(env: Readonly<Record<string, string | undefined>>, problems: string[]) {
  const given = new Map<SettingName, Given>();
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith(PREFIX) || variable === FILE_VARIABLE || text === undefined) continue;
    const name = NAME_OF_VARIABLE.get(variable);
    if (name) given.set(name, { value: SETTINGS[name].kind.fromText(text), where: variable });
    else problems.push(`${variable} is not a setting; allowed: ${[...NAME_OF_VARIABLE.keys()].join(", ")}`);
  }
  return given;
}

/**
 * Reads and checks the configuration: the defaults, over them the file, over that the environment.
 * @param file path of a JSON file with settings; without it the one that METERGATE_CONFIG names, if any.
 * @throws ConfigError naming every unknown or wrong setting and what is allowed.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, file = env[FILE_VARIABLE]): Config {
  const problems: string[] = [];
  const fromFile = file === undefined ? new Map<SettingName, Given>() : givenByFile(file, problems);
  const given = new Map([...fromFile, ...givenByVariables(env, problems)]);
  const values: Partial<Record<SettingName, unknown>> = {};
  for (const name of SETTING_NAMES) {
    const { kind, default: defaultValue } = SETTINGS[name] as Setting<unknown>;
    const entry = given.get(name);
    values[name] = entry ? entry.value : defaultValue;
    if (entry && !kind.schema.safeParse(entry.value).success) {
      const shown = kind.secret ? "not valid" : JSON.stringify(entry.value);
      problems.push(`${entry.where} is ${shown}; allowed: ${kind.allowed}`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
  values.vaultKeyFile ??= join(values.dataDir as string, "vault.key");
  return Object.freeze(values) as Config;
}

/** Which store the configuration names. */
export function storeSettings({ dataDir, databaseUrl, databaseConnections }: Config) {
  return { dataDirectory: dataDir, databaseUrl, connections: databaseConnections };
}

/** One row of the settings as the help and the manual show them. */
export interface SettingRow {
  readonly name: string;
  readonly variable: string;
  readonly allowed: string;
  readonly unit: string;
  readonly default: string;
  readonly description: string;
}

/** All settings as text, in the order of the table. */
export function describeSettings(): SettingRow[] {
  return SETTING_NAMES.map((name) => {
    const { kind, unit, default: value, defaultText, description } = SETTINGS[name] as Setting<unknown>;
    return {
      name,
      variable: variableOf(name),
      allowed: kind.allowed,
      unit,
      description,
      default: defaultText ?? `${value}`,
    };
  });
}
