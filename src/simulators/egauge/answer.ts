/** A request as it came, its body read as JSON. */
export interface Request {
  readonly method: string;
  /** Without `/api`. */
  readonly path: string;
  readonly query: string;
  readonly authorization?: string | undefined;
  /** Undefined when it is empty; a symbol when it is no JSON. */
  readonly body: unknown;
}

/** In place of a body that is no JSON. */
export const NO_JSON: unique symbol = Symbol("no JSON");

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export const OK: Answer = { status: 200, body: { status: "OK" } };

/** What the meter does not do; the status says nothing of it. */
export function refusal(error: string): Answer {
  return { status: 200, body: { error } };
}

export function result(value: unknown): Answer {
  return { status: 200, body: { result: value } };
}
