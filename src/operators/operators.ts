import { readFileSync } from "node:fs";
import * as z from "zod";

/** `look`: devices, requests and what hangs. `act`: change something. `audit`: read the log of messages. */
export const ROLES = ["look", "act", "audit"] as const;
export type Role = (typeof ROLES)[number];

/** A file of operators that cannot be used, or an operator who lacks a role; the message says which. */
export class OperatorError extends Error {
  readonly code = "OPERATOR";
}

const FILE = z.strictObject({
  operators: z.array(z.strictObject({ account: z.string().min(1), roles: z.array(z.enum(ROLES)) })),
});

/** Who may look, act and audit, by account of the operating system. */
export class Operators {
  readonly #roles: ReadonlyMap<string, ReadonlySet<Role>> | undefined;

  private constructor(roles: ReadonlyMap<string, ReadonlySet<Role>> | undefined) {
    this.#roles = roles;
  }

  /**
   * Reads who may do what. Without a file, whoever may run a command may do all of it.
   * @throws OperatorError
   */
  static read(file: string | undefined): Operators {
    if (file === undefined) return new Operators(undefined);
    let content: unknown;
    try {
      content = JSON.parse(readFileSync(file, "utf8"));
    } catch (error) {
      throw new OperatorError(`the operators in ${file} cannot be read: ${(error as Error).message}`);
    }
    const parsed = FILE.safeParse(content);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const at = issue?.path.join(".") || "the file";
      throw new OperatorError(
        `${file} is no list of operators: ${at}: ${issue?.message}; roles are ${ROLES.join(", ")}`,
      );
    }
    return new Operators(new Map(parsed.data.operators.map(({ account, roles }) => [account, new Set(roles)])));
  }

  has(account: string, role: Role): boolean {
    return this.#roles === undefined || (this.#roles.get(account)?.has(role) ?? false);
  }
}
