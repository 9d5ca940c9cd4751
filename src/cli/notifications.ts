import { MetergateError } from "../domain/errors.ts";
import { originOf, requireNetworks } from "../notifications/allow-list.ts";
import type { DeadSelection, StoredNotification } from "../store/notifications.ts";
import type { Store } from "../store/store.ts";
import type { CommandContext } from "./context.ts";
import { lookInto, withStore } from "./data.ts";
import { commandEvidence } from "./operator.ts";
import { formatTable } from "./table.ts";

/** Notifications that one list shows. */
const MOST = 50;

export interface AddressOptions {
  /** Private networks that may be connected to. */
  readonly network?: readonly string[];
  /** Take it away instead. */
  readonly remove?: boolean;
}

async function requireOrganisation({ devices }: Store, organisation: string): Promise<void> {
  if ((await devices.knownOrganisations([organisation])).has(organisation)) return;
  throw new MetergateError("UNKNOWN_ORGANISATION", `There is no organisation ${organisation}`);
}

/** The networks that an origin has already, and more. */
async function networksOf({ notifications }: Store, organisation: string, origin: string, more: readonly string[]) {
  const entry = (await notifications.allowed(organisation)).find((each) => each.origin === origin);
  return [...new Set([...(entry?.networks ?? []), ...requireNetworks(more)])];
}

/** `notifications set ORG APP URL`: sets the address of an application, which may be connected to from then on. */
export async function notificationsSet(
  context: CommandContext,
  organisation: string,
  application: string,
  url: string,
  { network = [] }: AddressOptions,
): Promise<void> {
  const origin = originOf(url);
  await withStore(context.config(), async (store) => {
    await requireOrganisation(store, organisation);
    const networks = await networksOf(store, organisation, origin, network);
    const details = { organisation, application, url, networks };
    await store.notifications.allow({ organisation, origin, networks });
    await store.notifications.setAddress(
      { organisation, application, url },
      commandEvidence("notifications set", details),
    );
  });
  context.print(`application ${application} of ${organisation} is told at ${url}`);
}

/** `notifications unset ORG APP`: nobody is told any more unless a request names where. */
export async function notificationsUnset(
  context: CommandContext,
  organisation: string,
  application: string,
): Promise<void> {
  const evidence = commandEvidence("notifications unset", { organisation, application });
  const removed = await withStore(context.config(), ({ notifications }) =>
    notifications.removeAddress(organisation, application, evidence),
  );
  if (!removed) {
    throw new MetergateError("NOT_FOUND", `Application ${application} of ${organisation} has no address`);
  }
  context.print(`application ${application} of ${organisation} is not told any more`);
}

/** `notifications allow ORG ORIGIN`: lets an organisation's requests name addresses there as their ResponseUrl. */
export async function notificationsAllow(
  context: CommandContext,
  organisation: string,
  url: string,
  { network = [], remove = false }: AddressOptions,
): Promise<void> {
  const origin = originOf(url);
  await withStore(context.config(), async (store) => {
    const { notifications } = store;
    if (remove) {
      const evidence = commandEvidence("notifications allow --remove", { organisation, origin });
      if (await notifications.disallow(organisation, origin, evidence)) return;
      throw new MetergateError("NOT_FOUND", `${origin} is not allowed for ${organisation}`);
    }
    await requireOrganisation(store, organisation);
    const networks = await networksOf(store, organisation, origin, network);
    const evidence = commandEvidence("notifications allow", { organisation, origin, networks });
    await notifications.allow({ organisation, origin, networks }, evidence);
  });
  context.print(`${origin} is ${remove ? "not allowed any more" : "allowed"} for ${organisation}`);
}

function toRow({ createdMs, about, organisation, device, failures, url }: StoredNotification): string[] {
  return [new Date(createdMs).toISOString(), about, organisation, device, String(failures), url];
}

/** `notifications list`: prints where organisations are told, and what could not be told so far or at all. */
export async function notificationsList(context: CommandContext): Promise<void> {
  const [addresses, allowed, counts, waiting, dead] = await lookInto(context.config(), ({ notifications }) =>
    Promise.all([
      notifications.addresses(),
      notifications.allowed(),
      notifications.count(),
      notifications.list("waiting", MOST),
      notifications.list("dead", MOST),
    ]),
  );
  if (addresses.length > 0) {
    const rows = addresses.map(({ organisation, application, url }) => [organisation, application, url]);
    context.print(formatTable([["organisation", "application", "told at"], ...rows]));
  }
  if (allowed.length > 0) {
    const rows = allowed.map(({ organisation, origin, networks }) => [organisation, origin, networks.join(" ") || "-"]);
    context.print(formatTable([["organisation", "allowed", "private networks"], ...rows]));
  }
  context.print(`${counts.waiting} waiting, ${counts.dead} dead`);
  for (const [state, notifications] of Object.entries({ waiting, dead })) {
    if (notifications.length === 0) continue;
    const heading = [state, "about", "organisation", "device", "failures", "to"];
    const [first, ...lines] = formatTable([heading, ...notifications.map(toRow)]).split("\n");
    context.print(first!);
    for (const [i, { correlationUid, lastError }] of notifications.entries()) {
      context.print(lines[i]!);
      if (lastError) context.print(`  ${lastError}`);
      context.print(`  ${correlationUid}`);
    }
  }
}

/** `notifications replay`: has what is dead sent once more. */
export async function notificationsReplay(context: CommandContext, selection: DeadSelection): Promise<void> {
  const evidence = commandEvidence("notifications replay", { ...selection });
  const count = await withStore(context.config(), ({ notifications }) => notifications.replay(selection, evidence));
  context.print(`${count} will be sent again`);
}
