import { type OrganisationChange, Organisations } from "../devices/organisations.ts";
import type { Organisation } from "../domain/organisation.ts";
import { systemClock } from "../lib/clock.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { lookInto, withStore } from "./data.ts";
import { commandEvidence } from "./operator.ts";
import { formatTable } from "./table.ts";

/** What an operator can set of an organisation; `default` for the service's setting. */
export interface OrganisationOptions {
  readonly messagesPerSecond?: number | "default" | undefined;
  readonly maxWaiting?: number | "default" | undefined;
  readonly signed?: "on" | "off" | undefined;
}

function toChange({ messagesPerSecond, maxWaiting, signed }: OrganisationOptions): OrganisationChange {
  const given = Object.entries({
    messagesPerSecond,
    maxWaiting,
    signed: signed && (signed === "on" || "default"),
  }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, value === "default" ? undefined : value]));
}

/** `organisations add ORGANISATION`: registers who may ask. */
export async function organisationsAdd(
  context: CommandContext,
  identification: string,
  options: OrganisationOptions,
): Promise<void> {
  if (!/^\S{1,40}$/u.test(identification)) throw new UsageError("an organisation has 1 to 40 characters and no space");
  const organisation: Organisation = { identification, enabled: true, ...toChange(options) };
  const evidence = commandEvidence("organisations add", { ...organisation });
  const added = await withStore(context.config(), ({ organisations }) => organisations.add(organisation, evidence));
  context.print(added ? `organisation ${identification} is registered` : `${identification} was registered before`);
}

async function change(
  context: CommandContext,
  command: string,
  identification: string,
  change: OrganisationChange,
): Promise<void> {
  // JSON leaves out what is undefined, and it is just that which says what was taken back.
  const said = Object.fromEntries(Object.entries(change).map(([name, value]) => [name, value ?? "default"]));
  const evidence = commandEvidence(`organisations ${command}`, { identification, ...said });
  const after = await withStore(context.config(), (store) =>
    new Organisations(store.organisations, systemClock).change(identification, change, evidence),
  );
  context.print(formatTable([HEADING, toRow(after)]));
}

/** `organisations enable ORGANISATION` and `disable`. @throws MetergateError UNKNOWN_ORGANISATION */
export function organisationsEnable(context: CommandContext, identification: string, enabled: boolean): Promise<void> {
  return change(context, enabled ? "enable" : "disable", identification, { enabled });
}

/** `organisations set ORGANISATION`: changes its limits. @throws MetergateError UNKNOWN_ORGANISATION */
export async function organisationsSet(
  context: CommandContext,
  identification: string,
  options: OrganisationOptions,
): Promise<void> {
  const changes = toChange(options);
  if (Object.keys(changes).length === 0)
    throw new UsageError("say what to set: --messages-per-second, --max-waiting, --signed");
  await change(context, "set", identification, changes);
}

const HEADING = ["organisation", "state", "messages per second", "may wait", "signed", "token users"];

function toRow(organisation: Organisation): string[] {
  const { identification, enabled, messagesPerSecond, maxWaiting, signed, tokenUsers = [] } = organisation;
  const [state, rate, waiting] = [enabled ? "enabled" : "disabled", messagesPerSecond, maxWaiting];
  const users = tokenUsers.map(({ user }) => user).join(", ") || "-";
  const limits = [rate, waiting].map((limit) => String(limit ?? "as set for all"));
  return [identification, state, ...limits, signed ? "yes" : "no", users];
}

/** `organisations list`: prints who may ask. */
export async function organisationsList(context: CommandContext): Promise<void> {
  const all = await lookInto(context.config(), ({ organisations }) => organisations.list());
  context.print(all.length > 0 ? formatTable([HEADING, ...all.map(toRow)]) : "no organisations");
}
