import { Argument, type Command } from "commander";
import { FUNCTION_GROUPS, type FunctionGroup } from "../domain/device.ts";
import { integer } from "./arguments.ts";
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
      .option("--max-waiting <number>", "most requests that may wait, or default", limit(999_999));
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
  named("enable", "let a disabled organisation ask again").action(async (organisation: string) =>
    (await import("./organisations.ts")).organisationsEnable(context, organisation, true),
  );
  named("disable", "refuse with 104 whatever it sends, and what of it waits").action(async (organisation: string) =>
    (await import("./organisations.ts")).organisationsEnable(context, organisation, false),
  );
}
