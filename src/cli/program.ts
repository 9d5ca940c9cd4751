import { Command, CommanderError, Option } from "commander";
import { type Config, describeSettings, loadConfig } from "../config.ts";
import { ROLES } from "../domain/role.ts";
import { SIMULATIONS } from "../simulators/index.ts";
import { another, integer, seconds } from "./arguments.ts";
import type { CommandContext } from "./context.ts";
import { describeCertificates, describeIdentities, describeRights } from "./identity-commands.ts";
import { describeLog } from "./log-commands.ts";
import type { AddressOptions } from "./notifications.ts";
import type { ServeOptions } from "./serve.ts";
import type { SimulateDlmsOptions } from "./simulate.ts";
import type { SimulateOptions } from "./simulate-family.ts";
import { formatTable, wrap } from "./table.ts";
import { version } from "./version.ts";

/** What the program gets from its surroundings and writes to. */
export interface ProgramSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Writes text as it is to standard output. */
  out(text: string): void;
  /** Writes text as it is to standard error. */
  err(text: string): void;
}

const NAME = "metergate";
/** Columns that the help of the settings may take, and those between two of its columns. */
const HELP_WIDTH = 120;
const COLUMN_GAP = 2;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
/** Codes of ConfigError and UsageError. */
const USAGE_ERRORS: readonly unknown[] = ["CONFIG_INVALID", "USAGE"];

function settingsHelp(): string {
  const settings = describeSettings().map(({ variable, default: value, unit, allowed, description }) => {
    const note = allowed.startsWith("a ") || allowed.startsWith("an ") ? "" : ` (${allowed})`;
    return { name: `  ${variable}`, value: `${value}${unit && ` ${unit}`}`, meaning: description + note };
  });
  const widest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length)) + COLUMN_GAP;
  const meaningWidth =
    HELP_WIDTH - widest(settings.map(({ name }) => name)) - widest(settings.map(({ value }) => value));
  const rows = settings.flatMap(({ name, value, meaning }) => {
    const [first = "", ...more] = wrap(meaning, meaningWidth);
    return [[name, value, first], ...more.map((line) => ["", "", line])];
  });
  return `
Settings are environment variables, or keys of a JSON file that --config or METERGATE_CONFIG
names: METERGATE_MAX_BODY_BYTES is "maxBodyBytes" there. Variables go before the file.

${formatTable([["  variable", "default", "meaning"], ...rows])}
`;
}

/** Every command. What a command does is loaded when it is called: `--help` does not wait for a database driver. */
function describeCommands(program: Command, context: CommandContext, exitWith: (code: number) => void): void {
  program
    .command("serve")
    .description('run the service; prints its base URL, then "ready"')
    .addOption(
      new Option("--role <role>", "serve callers (api), talk to devices (worker), or both")
        .choices(ROLES)
        .default("all"),
    )
    .option("--processes <number>", "processes that share the work; a database server is needed", integer(1, 64))
    .action(async (options: ServeOptions) => (await import("./serve.ts")).serve(context, options));

  const devices = program.command("devices").description("what meters there are");
  devices
    .command("import")
    .description("add and update organisations, devices and keys; the whole file or nothing of it")
    .argument("<file>", "devices file, JSON; see docs/devices.md")
    .option("--replace-keys", "put the file's keys in the place of those that the vault has")
    .action(async (file: string, options: { replaceKeys?: boolean }) =>
      (await import("./devices-import.ts")).devicesImport(context, file, options),
    );
  devices
    .command("list")
    .description("print the devices")
    .action(async () => (await import("./devices-list.ts")).devicesList(context));
  devices
    .command("show")
    .description("print what is recorded about a device, and the firmware versions that it told")
    .argument("<device>", "device identification")
    .action(async (device: string) => (await import("./devices-show.ts")).devicesShow(context, device));
  devices
    .command("counter")
    .description("print the next invocation counter that a device is sent")
    .argument("<device>", "device identification")
    .option("--raise <number>", "raise it to this value first", integer(0, 4_294_967_295))
    .action(async (device: string, options: { raise?: number }) =>
      (await import("./devices-counter.ts")).devicesCounter(context, device, options),
    );

  describeRights(devices, context);

  const db = program.command("db").description("the database");
  db.command("migrate")
    .description("bring the schema up to date, as the start of the service does")
    .action(async () => (await import("./db.ts")).dbMigrate(context));
  db.command("status")
    .description("print what database it is and how much is in it; changes nothing")
    .action(async () => (await import("./db.ts")).dbStatus(context));
  db.command("copy")
    .description("copy everything into a new database and verify the log there; stop the service first")
    .argument("<to>", "postgres://… or mssql://… address, or a data directory for an SQLite file")
    .action(async (to: string) => exitWith(await (await import("./db.ts")).dbCopy(context, to)));

  program
    .command("backup")
    .description("copy database and key files into a new directory, while the service runs")
    .argument("<directory>", "a directory that is not there yet, or empty")
    .action(async (directory: string) => (await import("./backup.ts")).backup(context, directory));

  program
    .command("support")
    .description("print which operations meters of which protocol offer")
    .action(async () => (await import("./support.ts")).support(context));

  program
    .command("vault")
    .description("the keys of the meters")
    .command("rotate")
    .description("add a key-encryption key and wrap all data keys with it, while the service runs")
    .action(async () => (await import("./vault-rotate.ts")).vaultRotate(context));

  program
    .command("application-keys")
    .description("the public keys that GetKeys seals keys with")
    .command("add")
    .description("register the public key of an organisation's application")
    .argument("<organisation>", "OrganisationIdentification as in the SOAP header")
    .argument("<application>", "ApplicationName as in the SOAP header")
    .argument("<file>", "RSA public key: X.509 SubjectPublicKeyInfo, PEM or DER")
    .action(async (organisation: string, application: string, file: string) =>
      (await import("./application-keys-add.ts")).applicationKeysAdd(context, organisation, application, file),
    );

  const firmware = program.command("firmware").description("images for UpdateFirmware");
  firmware
    .command("add")
    .description("take an image into the repository")
    .argument("<identification>", "FirmwareIdentification as in UpdateFirmware")
    .argument("<file>", "the image")
    .requiredOption("--model <model...>", "device models that may get it")
    .option("--identifier <file>", "image identifier; images that name themselves, as for M-Bus devices, have none")
    .action(async (identification: string, file: string, options: { model: string[]; identifier?: string }) =>
      (await import("./firmware.ts")).firmwareAdd(context, identification, file, {
        models: options.model,
        identifier: options.identifier,
      }),
    );
  firmware
    .command("list")
    .description("print the images, and how far devices have come with one")
    .action(async () => (await import("./firmware.ts")).firmwareList(context));

  const requests = program.command("requests").description("what waits and runs, and what failed");
  requests
    .command("list")
    .description("print what is not finished, oldest first: what hangs is on top")
    .option("--failed", "what failed instead, latest first")
    .action(async (options: { failed?: boolean }) => {
      const { failedList, requestsList } = await import("./requests-list.ts");
      await (options.failed ? failedList(context) : requestsList(context));
    });
  requests
    .command("show")
    .description("print how a request stands, each of its attempts, and what failed")
    .argument("<uid>", "correlation UID")
    .action(async (uid: string) => exitWith(await (await import("./requests-show.ts")).requestsShow(context, uid)));

  program
    .command("alarms")
    .description("what devices pushed")
    .command("list")
    .description("print the newest alarms and their correlation UIDs")
    .option("--unknown", "what was not kept instead: of devices that are unknown or nobody's, and refused")
    .action(async (options: { unknown?: boolean }) => {
      const { alarmsList, unknownPushesList } = await import("./alarms-list.ts");
      await (options.unknown ? unknownPushesList(context) : alarmsList(context));
    });

  describeLog(program, context, exitWith);
  program
    .command("demo")
    .description("run the service with simulated meters and send every document of samples/")
    .option("--keep", 'leave it running; prints the base URL and then "ready"')
    .action(async (options: { keep?: boolean }) => exitWith(await (await import("./demo.ts")).demo(context, options)));

  program
    .command("send")
    .description("send a SOAP request document and print its correlation UID")
    .argument("<file>", "a request, e.g. from samples/")
    .option("--url <url>", "base URL of the service", "http://127.0.0.1:8080")
    .option("--certificates <directory>", "folder of metergate certs with the document's organisation, for https")
    .option("--wait", "poll until the result is there and print it")
    .option("--timeout <seconds>", "how long to wait for the result", seconds, 300)
    .action(async (file: string, options: { url: string; certificates?: string; wait?: boolean; timeout: number }) => {
      const { url, certificates, wait = false, timeout } = options;
      const { send } = await import("./send.ts");
      exitWith(await send(file, { url, certificates, wait, timeoutS: timeout }, context.print));
    });
}

/** `notifications`: whom the service tells what ended. */
function describeNotifications(program: Command, context: CommandContext): void {
  const notifications = program.command("notifications").description("where callers are told that a request ended");
  const network = "a private network at that host that may be connected to, e.g. 10.0.0.0/8; may be repeated";
  notifications
    .command("set")
    .description("set the address at which an application is told, and allow it")
    .argument("<organisation>", "OrganisationIdentification as in the SOAP header")
    .argument("<application>", "ApplicationName as in the SOAP header")
    .argument("<url>", "http:// or https:// address")
    .option("--network <network>", network, another)
    .action(async (organisation: string, application: string, url: string, options: AddressOptions) =>
      (await import("./notifications.ts")).notificationsSet(context, organisation, application, url, options),
    );
  notifications
    .command("unset")
    .description("tell an application nothing any more unless a request names where")
    .argument("<organisation>", "OrganisationIdentification as in the SOAP header")
    .argument("<application>", "ApplicationName as in the SOAP header")
    .action(async (organisation: string, application: string) =>
      (await import("./notifications.ts")).notificationsUnset(context, organisation, application),
    );
  notifications
    .command("allow")
    .description("let an organisation's requests name addresses of a scheme, host and port as their ResponseUrl")
    .argument("<organisation>", "OrganisationIdentification as in the SOAP header")
    .argument("<origin>", "scheme, host and port, e.g. https://erp.example:8443")
    .option("--network <network>", network, another)
    .option("--remove", "do not allow it any more")
    .action(async (organisation: string, origin: string, options: AddressOptions) =>
      (await import("./notifications.ts")).notificationsAllow(context, organisation, origin, options),
    );
  notifications
    .command("list")
    .description("print addresses, what is allowed, and what could not be told so far (waiting) or at all (dead)")
    .action(async () => (await import("./notifications.ts")).notificationsList(context));
  notifications
    .command("replay")
    .description("send the dead once more")
    .argument("[correlation UID]", "only about this request, alarm or event")
    .option("--organisation <organisation>", "only those of this organisation")
    .action(async (correlationUid: string | undefined, { organisation }: { organisation?: string }) =>
      (await import("./notifications.ts")).notificationsReplay(context, { organisation, correlationUid }),
    );
}

/** `simulate`, whose options are many. */
function describeSimulator(program: Command, context: CommandContext): void {
  const simulate = program.command("simulate").description("run simulated devices");
  for (const [family, load] of Object.entries(SIMULATIONS)) {
    simulate
      .command(family)
      .description(`run simulated devices of the family ${family}; prints where they listen, then "ready"`)
      .option("--host <address>", "address to listen on", "127.0.0.1")
      .option("--port <number>", "first port, 0 for any", integer(0, 65_535), 0)
      .option("--write-devices <file>", "write a file for devices import")
      .option("--owner <organisation>", "who owns the devices of that file", "test-org")
      .action(async (options: SimulateOptions) =>
        (await import("./simulate-family.ts")).simulateFamily(context, await load(), options),
      );
  }
  simulate
    .command("dlms")
    .description('run simulated DLMS meters; prints where they listen, then "ready"; see docs/simulator.md')
    .option("--profile <name...>", "companion standards, the meters take turns (default: smr5.0.0)")
    .option("--count <number>", "how many meters", integer(1, 100_000), 1)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "first port, 0 for any", integer(0, 65_535), 4059)
    .option("--meters-per-port <number>", "logical devices behind one port (default: all)", integer(1, 65_535))
    .option("--hdlc", "HDLC frames in place of the wrapper")
    .addOption(
      new Option("--security <level>", "how the management client associates (default: as the profile has it)").choices(
        ["none", "lls1", "hls5"],
      ),
    )
    .option("--behaviour <json>", "a behaviour of every meter; may be repeated", another)
    .option("--control-port <number>", "port of the control interface, 0 for any (default: none)", integer(0, 65_535))
    .option("--write-devices <file>", "write a file for devices import")
    .option("--owner <organisation>", "who owns the devices of that file", "test-org")
    .action(async (options: SimulateDlmsOptions) => (await import("./simulate.ts")).simulateDlms(context, options));
}

/** One line per problem, each with the program's name, and no stack unless it was asked for. */
function report(error: unknown, { env, err }: ProgramSurroundings): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  const { message, stack } = error instanceof Error ? error : { message: String(error), stack: undefined };
  for (const line of message.split("\n")) err(`${NAME}: ${line}\n`);
  if (/^(debug|trace)$/.test(env.METERGATE_LOG_LEVEL ?? "") && stack) err(`${stack}\n`);
  return USAGE_ERRORS.includes((error as { code?: unknown }).code) ? EXIT_USAGE : EXIT_FAILED;
}

/**
 * Runs one command line.
 * @param args without the program's own name
 * @returns the exit code: 0 done, 1 failed, 2 used or configured wrongly
 */
export async function run(args: readonly string[], surroundings: ProgramSurroundings): Promise<number> {
  const { env, out, err } = surroundings;
  const program = new Command(NAME);
  let exitCode = 0;
  let config: Config | undefined;
  const context: CommandContext = {
    config: () => {
      config ??= loadConfig(env, program.opts<{ config?: string }>().config);
      return config;
    },
    print: (text) => out(`${text}\n`),
  };
  program
    .description("SOAP head-end between a utility's ERP and its smart meters")
    .version(version())
    .option("--config <file>", "JSON file with settings")
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text, write) => write(text.replace(/^error: /, `${NAME}: `)),
    })
    .exitOverride()
    .addHelpText("after", settingsHelp);
  describeCommands(program, context, (code) => {
    exitCode = code;
  });
  describeIdentities(program, context);
  describeCertificates(program, context);
  describeNotifications(program, context);
  describeSimulator(program, context);
  try {
    program.hook("preAction", async (_program, command) => (await import("./roles.ts")).requireRole(context, command));
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    return report(error, surroundings);
  }
  return exitCode;
}
