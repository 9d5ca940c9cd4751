/** Ways for a meter to be rude. Where a `path` is given, only to requests whose path begins with it. */
export type Behaviour =
  /** Does what it is asked and cuts the connection before it answers; or before it has even looked. */
  | { readonly kind: "cut-after" | "cut-before"; readonly path?: string; readonly times?: number }
  /** Never answers. */
  | { readonly kind: "silent"; readonly path?: string; readonly times?: number }
  /** Answers as a proxy that does not reach it. */
  | { readonly kind: "bad-gateway"; readonly path?: string; readonly times?: number }
  /** Firmware that does not have it. */
  | { readonly kind: "lacks"; readonly path: string }
  /** Answers what is no JSON, or more than anybody wants to read. */
  | { readonly kind: "no-json" | "endless"; readonly path?: string; readonly times?: number }
  /** Has lost its tokens, or thinks that a nonce is too old. */
  | { readonly kind: "forgets-tokens" | "stale-nonce"; readonly times?: number }
  | { readonly kind: "token-life"; readonly seconds: number }
  /** Long operations take longer, fail with a tag, or are not known any more when they are over. */
  | { readonly kind: "slow-operations"; readonly times: number }
  | { readonly kind: "failing-operations"; readonly tag: string }
  | { readonly kind: "evaporating-operations" }
  /** Rows that are farther apart than asked for. */
  | { readonly kind: "coarse-rows"; readonly seconds: number }
  | { readonly kind: "register-gone"; readonly name: string }
  /** Its clock is wrong. */
  | { readonly kind: "clock-ahead"; readonly ms: number }
  /** A version as a number, as the maker's example has it. */
  | { readonly kind: "number-version" }
  /** An account that may look and nothing more. */
  | { readonly kind: "no-save" };

export type BehaviourKind = Behaviour["kind"];

const KINDS: Readonly<Record<BehaviourKind, readonly string[]>> = {
  "cut-after": ["path?", "times?"],
  "cut-before": ["path?", "times?"],
  silent: ["path?", "times?"],
  "bad-gateway": ["path?", "times?"],
  lacks: ["path"],
  "no-json": ["path?", "times?"],
  endless: ["path?", "times?"],
  "forgets-tokens": ["times?"],
  "stale-nonce": ["times?"],
  "token-life": ["seconds"],
  "slow-operations": ["times"],
  "failing-operations": ["tag"],
  "evaporating-operations": [],
  "coarse-rows": ["seconds"],
  "register-gone": ["name"],
  "clock-ahead": ["ms"],
  "number-version": [],
  "no-save": [],
};
const NUMBERS = ["times", "seconds", "ms"];

/** A behaviour from the control interface. @throws RangeError that says what is allowed */
export function behaviourFromJson(value: unknown): Behaviour {
  const given = (value ?? {}) as Record<string, unknown>;
  const kind = String(given.kind) as BehaviourKind;
  if (!Object.hasOwn(KINDS, kind)) throw new RangeError(`kind is one of ${Object.keys(KINDS).join(", ")}`);
  const fields = KINDS[kind];
  const allowed = ["kind", ...fields.map((field) => field.replace("?", ""))];
  const isRight = (name: string) => typeof given[name] === (NUMBERS.includes(name) ? "number" : "string");
  const missing = fields.find((field) => !field.endsWith("?") && !isRight(field));
  const wrong = Object.keys(given).find((name) => !allowed.includes(name) || (name !== "kind" && !isRight(name)));
  if (missing !== undefined || wrong !== undefined)
    throw new RangeError(`${kind} takes ${fields.join(", ") || "nothing"}`);
  return given as Behaviour;
}

/** How a meter behaves; the newest that fits decides. */
export class Behaviours {
  #all: { readonly behaviour: Behaviour; left: number }[] = [];

  get list(): readonly Behaviour[] {
    return this.#all.map(({ behaviour }) => behaviour);
  }

  add(behaviour: Behaviour): void {
    const counts = "times" in behaviour && behaviour.kind !== "slow-operations";
    this.#all.unshift({
      behaviour,
      left: counts ? (behaviour.times ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY,
    });
  }

  clear(): void {
    this.#all = [];
  }

  /** The behaviour of a kind, if there is one, used up by one time. */
  take<K extends BehaviourKind>(kind: K, path = ""): Extract<Behaviour, { kind: K }> | undefined {
    const found = this.#all.find(({ behaviour, left }) => {
      if (behaviour.kind !== kind || left <= 0) return false;
      const wanted = "path" in behaviour ? behaviour.path : undefined;
      return wanted === undefined || path.startsWith(wanted);
    });
    if (!found) return undefined;
    found.left -= 1;
    return found.behaviour as Extract<Behaviour, { kind: K }>;
  }
}
