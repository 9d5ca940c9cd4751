import { join } from "node:path";
import { Organisations, unknownOrganisation } from "../devices/organisations.ts";
import { TokenPasswords } from "../devices/token-passwords.ts";
import { systemClock } from "../lib/clock.ts";
import { systemRandom } from "../lib/random.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { withStore } from "./data.ts";
import { commandEvidence } from "./operator.ts";

/**
 * `organisations token ORGANISATION USER`: prints the password with which a user shows a UsernameToken, and makes the user
 * known; with `renew` another password from now on, with `remove` none.
 * @throws MetergateError UNKNOWN_ORGANISATION
 */
export async function organisationsToken(
  context: CommandContext,
  identification: string,
  user: string,
  { renew = false, remove = false }: { renew?: boolean; remove?: boolean },
): Promise<void> {
  if (!/^\S{1,40}$/u.test(user)) throw new UsageError("a user has 1 to 40 characters and no space");
  const config = context.config();
  const organisation = await withStore(config, async ({ organisations }) => {
    const found = await organisations.find(identification);
    if (!found) throw unknownOrganisation(identification);
    const others = (found.tokenUsers ?? []).filter((each) => each.user !== user);
    const generation = found.tokenUsers?.find((each) => each.user === user)?.generation;
    if (generation !== undefined && !renew && !remove) return found;
    // A user that was removed and comes again must not have its old password again.
    const next = generation === undefined ? Math.floor(systemClock.now() / 1000) : generation + 1;
    const tokenUsers = remove ? others : [...others, { user, generation: next }];
    const evidence = commandEvidence("organisations token", { identification, user, renew, remove });
    const change = { tokenUsers: tokenUsers.length > 0 ? tokenUsers : undefined };
    return new Organisations(organisations, systemClock).change(identification, change, evidence);
  });
  if (remove) return context.print(`${user} of ${identification} has no UsernameToken any more`);
  const passwords = TokenPasswords.open(join(config.dataDir, "token.key"), systemRandom);
  context.print(passwords.passwordOf(organisation, user)!);
}
