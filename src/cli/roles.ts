import type { Command } from "commander";
import { OperatorError, Operators, type Role } from "../operators/operators.ts";
import type { CommandContext } from "./context.ts";
import { operatorName } from "./operator.ts";

/**
 * What an operator needs for a command; the same for all commands of a group where only the group is named. Commands that are
 * not here reach no data of the service, or are the service.
 */
export const COMMAND_ROLES: Readonly<Record<string, Role>> = {
  "alarms list": "look",
  "application-keys add": "act",
  backup: "act",
  "db copy": "act",
  "db migrate": "act",
  "db status": "look",
  "devices counter": "look",
  "devices counter --raise": "act",
  "devices grant": "act",
  "devices import": "act",
  "devices list": "look",
  "devices revoke": "act",
  "devices show": "look",
  "firmware add": "act",
  "firmware list": "look",
  log: "audit",
  "notifications allow": "act",
  "notifications list": "look",
  "notifications replay": "act",
  "notifications set": "act",
  "notifications unset": "act",
  "organisations add": "act",
  "organisations disable": "act",
  "organisations enable": "act",
  "organisations list": "look",
  "organisations set": "act",
  "organisations token": "act",
  "requests list": "look",
  "requests show": "look",
  "vault rotate": "act",
};

/** `devices grant` of the command of that name. */
function pathOf(command: Command): string {
  const names: string[] = [];
  for (let each: Command | null = command; each?.parent; each = each.parent) names.unshift(each.name());
  return names.join(" ");
}

function roleOf(command: Command): Role | undefined {
  const path = pathOf(command);
  if (command.opts().raise !== undefined) return COMMAND_ROLES[`${path} --raise`];
  return COMMAND_ROLES[path] ?? COMMAND_ROLES[path.split(" ")[0]!];
}

/**
 * Lets an operator run a command that he has the role for.
 * @throws OperatorError
 */
export function requireRole(context: CommandContext, command: Command): void {
  const role = roleOf(command);
  if (role === undefined) return;
  const { operatorsFile } = context.config();
  const account = operatorName();
  if (Operators.read(operatorsFile).has(account, role)) return;
  const path = pathOf(command);
  throw new OperatorError(`${account} may not run ${path}: it needs the role ${role}, see ${operatorsFile}`);
}
