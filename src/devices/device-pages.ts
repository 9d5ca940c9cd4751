import type { Device } from "../domain/device.ts";
import { MetergateError } from "../domain/errors.ts";
import type { Caller } from "../domain/request.ts";
import type { Inventory } from "./inventory.ts";
import type { Organisations } from "./organisations.ts";

const DEVICES_PER_PAGE = 30;

/**
 * One page of the devices that the caller's organisation has a right on, by identification. A device whose record cannot
 * be read is left out of its page.
 * @param page from 0
 * @throws MetergateError UNKNOWN_ORGANISATION; NOT_FOUND when there is no such page, also when there is no device
 */
export async function devicePage(
  inventory: Pick<Inventory, "list" | "count">,
  organisations: Pick<Organisations, "isOrganisationKnown">,
  { caller: { organisation }, page }: { readonly caller: Caller; readonly page: number },
): Promise<{ readonly pages: number; readonly devices: readonly Device[] }> {
  if (!(await organisations.isOrganisationKnown(organisation))) {
    throw new MetergateError("UNKNOWN_ORGANISATION", `Organisation ${organisation} is not registered`);
  }
  const pages = Math.ceil((await inventory.count(organisation)) / DEVICES_PER_PAGE);
  const range = { offset: page * DEVICES_PER_PAGE, limit: DEVICES_PER_PAGE, organisation };
  const rows = page >= 0 && page < pages ? await inventory.list(range) : [];
  if (rows.length === 0) {
    throw new MetergateError("NOT_FOUND", `There is no page ${page} of devices: there are ${pages}, counted from 0`);
  }
  return { pages, devices: rows.flatMap((row) => ("device" in row ? [row.device] : [])) };
}
