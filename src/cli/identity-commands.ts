import { Argument, type Command, Option } from "commander";
import { FUNCTION_GROUPS, type FunctionGroup } from "../domain/device.ts";
import { integer } from "./arguments.ts";
import type { IssueOptions } from "./certs.ts";
import type { CommandContext } from "./context.ts";
import type { OrganisationOptions } from "./organisations.ts";

/** `devices grant` and `devices revoke`: who may do what with a device. */
export function describeRights(devices: Command, context: CommandContext): void {
  for (const [deed, what] of [
    ["grant", "let an organisation use a function group of a device"],
    ["revoke", "take a function group of a device from an organisation"],
  ] as const) {
    devices
      .command(deed)
      .description(what)
      .argument("<device>", "device identification")
      .argument("<organisation>", "OrganisationIdentification as in the SOAP header")
      .addArgument(new Argument("<group>", "function group").choices(FUNCTION_GROUPS))
      .action(async (device: string, organisation: string, group: FunctionGroup) =>
        (await import("./devices-rights.ts")).devicesRight(context, deed, device, organisation, group),
      );
  }
}

/** `certs`: certificates to try with. */
export function describeCertificates(program: Command, context: CommandContext): void {
  const certs = program.command("certs").description("certificates of a demonstration authority; PKCS#12 bundles");
  const folder = ["--dir <directory>", "folder of the authority and of what it issued", "certificates"] as const;
  const days = ["--days <number>", "how long it is valid", integer(1, 36_500)] as const;
  certs
    .command("init")
    .description("make an authority, a certificate for the service, and a revocation list")
    .option(...folder)
    .option("--host <name...>", "names and addresses that the service is reached under", [
      "localhost",
      "127.0.0.1",
      "::1",
    ])
    .option(...days, 825)
    .action(async (options: { dir: string; host: string[]; days: number }) =>
      (await import("./certs.ts")).certsInit(context.print, options),
    );
  certs
    .command("issue")
    .description("make a certificate for a caller")
    .argument("<organisation>", "OrganisationIdentification as in the SOAP header")
    .option(...folder)
    .option(...days, 365)
    .addOption(
      new Option("--key-type <type>", "rsa for programs that know nothing else").choices(["ec", "rsa"]).default("ec"),
    )
    .option("--password-file <file>", "make a PKCS#12 bundle too, under the password in the first line of this file")
    .action(async (organisation: string, options: IssueOptions) =>
      (await import("./certs.ts")).certsIssue(context.print, organisation, options),
    );
  certs
    .command("renew")
    .description(
      "make certificates anew, with other keys, for as long as those before; these stay valid until they end",
    )
    .argument("<name...>", "server, or an organisation that has one")
    .option(...folder)
    .action(async (names: string[], options: { dir: string }) =>
      (await import("./certs.ts")).certsRenew(context.print, names, options),
    );
  certs
    .command("import")
    .description("take certificate and key out of a PKCS#12 bundle")
    .argument("<file>", "the bundle")
    .requiredOption("--password-file <file>", "file whose first line is the password")
    .option(...folder)
    .option("--name <name>", "what the files are called (default: as the bundle)")
    .action(async (file: string, options: { dir: string; passwordFile: string; name?: string }) =>
      (await import("./certs.ts")).certsImport(context.print, file, options),
    );
  certs
    .command("revoke")
    .description("write the list of what the authority has revoked, with these besides those of before")
    .argument("<file...>", "certificates, PEM")
    .option(...folder)
    .action(async (files: string[], options: { dir: string }) =>
      (await import("./certs.ts")).certsRevoke(context.print, files, options),
    );
  certs
    .command("show")
    .description("print what the certificates in a file say")
    .argument("<file>", "PEM")
    .action(async (file: string) => (await import("./certs.ts")).certsShow(context.print, file));
}

/** `organisations`: who may ask. */
export function describeIdentities(program: Command, context: CommandContext): void {
  const organisations = program.command("organisations").description("who may ask, and how much");
  const limit = (highest: number) => (text: string) => (text === "default" ? text : integer(0, highest)(text));
  const named = (command: string, description: string) =>
    organisations
      .command(command)
      .description(description)
      .argument("<organisation>", "OrganisationIdentification as in the SOAP header");
  const limited = (command: string, description: string) =>
    named(command, description)
      .option(
        "--messages-per-second <number>",
        "most messages within a second, 0 for any number, or default",
        limit(999_999),
      )
      .option("--max-waiting <number>", "most requests that may wait, or default", limit(999_999))
      .addOption(new Option("--signed <state>", "whether its messages must be signed").choices(["on", "off"]));
  organisations
    .command("list")
    .description("print who may ask")
    .action(async () => (await import("./organisations.ts")).organisationsList(context));
  limited("add", "register an organisation").action(async (organisation: string, options: OrganisationOptions) =>
    (await import("./organisations.ts")).organisationsAdd(context, organisation, options),
  );
  limited("set", "change its limits").action(async (organisation: string, options: OrganisationOptions) =>
    (await import("./organisations.ts")).organisationsSet(context, organisation, options),
  );
  named("token", "print the password with which a user of it shows a UsernameToken, and make the user known")
    .argument("<user>", "user name in the token")
    .option("--renew", "another password from now on")
    .option("--remove", "none any more")
    .action(async (organisation: string, user: string, options: { renew?: boolean; remove?: boolean }) =>
      (await import("./organisations-token.ts")).organisationsToken(context, organisation, user, options),
    );
  named("enable", "let a disabled organisation ask again").action(async (organisation: string) =>
    (await import("./organisations.ts")).organisationsEnable(context, organisation, true),
  );
  named("disable", "refuse with 104 whatever it sends, and what of it waits").action(async (organisation: string) =>
    (await import("./organisations.ts")).organisationsEnable(context, organisation, false),
  );
}
