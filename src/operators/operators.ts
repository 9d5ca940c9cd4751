import { readFileSync } from "node:fs";
import * as z from "zod";
import { sha256Hex } from "../lib/sha256.ts";

/** `look`: devices, requests and what hangs. `act`: change something. `audit`: read the log of messages. */
export const ROLES = ["look", "act", "audit"] as const;
export type Role = (typeof ROLES)[number];

/** A file of operators that cannot be used, or an operator who lacks a role; the message says which. */
export class OperatorError extends Error {
  readonly code = "OPERATOR";
}

const FILE = z.strictObject({
  operators: z.array(
    z.strictObject({
      account: z.string().min(1),
      roles: z.array(z.enum(ROLES)),
      tokenSha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
    }),
  ),
});

/** Who may look, act and audit, by account of the operating system. */
export class Operators {
  readonly #roles: ReadonlyMap<string, ReadonlySet<Role>> | undefined;

  /** Accounts by the hash of what they show where there is no operating system that vouches for them. */
  readonly #tokens: ReadonlyMap<string, string>;

  private constructor(
    roles: ReadonlyMap<string, ReadonlySet<Role>> | undefined,
    tokens: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#roles = roles;
    this.#tokens = tokens;
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
    const { operators } = parsed.data;
    const tokens = operators.flatMap(({ account, tokenSha256 }) =>
      tokenSha256 === undefined ? [] : ([[tokenSha256, account]] as const),
    );
    return new Operators(new Map(operators.map(({ account, roles }) => [account, new Set(roles)])), new Map(tokens));
  }

  /** Whether whoever shows a token has a role; without a file, also who shows none. */
  hasByToken(token: string | undefined, role: Role): boolean {
    if (this.#roles === undefined) return true;
    // Who guesses learns nothing of a token from how long the look at its hash takes.
    const account = token === undefined ? undefined : this.#tokens.get(sha256Hex(token));
    return account !== undefined && this.has(account, role);
  }

  has(account: string, role: Role): boolean {
    return this.#roles === undefined || (this.#roles.get(account)?.has(role) ?? false);
  }
}
