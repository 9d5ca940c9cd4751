import * as z from "zod";
import { MetergateError } from "../../domain/errors.ts";
import type { Clock, Elapsed } from "../../lib/clock.ts";
import { since } from "../../lib/clock.ts";
import { type Credentials, loginBody, tokenLifetime } from "./digest.ts";
import type { MeterAnswer, MeterHttp, MeterRequest } from "./meter-http.ts";

/** Characters of a meter's own words that are told on. */
const MOST_WORDS = 500;
/** Of a token's life, after which it is renewed. */
const RENEWED_AFTER = 0.8;

/** A token in use. */
export interface Token {
  readonly text: string;
  readonly user: string;
  readonly since: Elapsed;
  /** How long it is used, in milliseconds. */
  readonly usedForMs: number;
}

/** The token of a meter, kept from one run to the next. */
export interface TokenPlace {
  token?: Token | undefined;
}

export interface SessionParts {
  readonly http: MeterHttp;
  readonly clock: Pick<Clock, "elapsed">;
  readonly place: TokenPlace;
  readonly user: string;
  /** The meter's name in messages. */
  readonly host: string;
  /**
   * Passwords to try in their order: the one in use, and one that a change may have brought.
   * @throws MetergateError KEY_NOT_PRESENT
   */
  passwords(): Promise<readonly string[]>;
  /** The meter took the one at this place of the list. */
  proved(place: number): Promise<void>;
  clientNonce(): string;
  /** The meter said something. */
  heard(): void;
}

const challenge = z.looseObject({ rlm: z.string().max(256), nnc: z.string().min(1).max(2048) });
const loggedIn = z.looseObject({ jwt: z.string().min(1).max(8192) });
const failed = z.looseObject({ error: z.string() });

/** What the meter calls wrong, if it does; it says so with status 200 as well. */
function errorIn(body: unknown): string | undefined {
  const parsed = failed.safeParse(body);
  return parsed.success ? parsed.data.error.slice(0, MOST_WORDS) : undefined;
}

/**
 * A conversation with a meter: logs in when it has to, once for whatever is asked at the same time, and again when the
 * meter does not know the token any more.
 */
export class MeterSession {
  readonly #parts: SessionParts;
  #login: Promise<string> | undefined;
  #failure: MetergateError | undefined;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  /** Why the meter cannot be talked to; undefined as long as it answers. */
  get failure(): MetergateError | undefined {
    return this.#failure;
  }

  /**
   * Asks for something and gives the body of the answer. It is sent once, and once more only when the meter did not do it
   * for want of a token.
   * @throws MetergateError DEVICE_REFUSED with the meter's words, OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL when its
   * firmware has no such thing; AUTHENTICATION_ERROR, ILLEGAL_RESPONSE and what tells that the connection broke are
   * `failure` from then on
   */
  async call(request: Omit<MeterRequest, "token">): Promise<unknown> {
    let answer = await this.#send({ ...request, token: await this.token() });
    if (answer.status === 401) {
      this.#parts.place.token = undefined;
      answer = await this.#send({ ...request, token: await this.token(answer.body) });
      if (answer.status === 401) await this.#explainRefusal();
    }
    const { status, body } = answer;
    const words = errorIn(body);
    const { host } = this.#parts;
    if (status === 404 || status === 405 || status === 501) {
      const text = `the firmware of ${host} has no ${request.path.split("?")[0]}`;
      throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", text);
    }
    if (status >= 500) throw this.#fails("CONNECTION_ERROR", `${host} is not reached: HTTP status ${status}`);
    if (words !== undefined) throw new MetergateError("DEVICE_REFUSED", `the meter refused: ${words}`);
    if (status !== 200) throw new MetergateError("DEVICE_REFUSED", `the meter refused with HTTP status ${status}`);
    return body;
  }

  /** The same, for what is wrapped as `result`; undefined when there is none. */
  async result(path: string): Promise<unknown> {
    const body = await this.call({ method: "GET", path });
    return (body as { result?: unknown } | undefined)?.result;
  }

  /**
   * The token to go on with.
   * @param challenged the body of a refusal, which has the nonce to log in with
   */
  async token(challenged?: unknown): Promise<string> {
    const { place, clock, user } = this.#parts;
    const known = place.token;
    if (known && known.user === user && since(clock, known.since) < known.usedForMs) return known.text;
    this.#login ??= this.#logIn(challenged).finally(() => {
      this.#login = undefined;
    });
    return this.#login;
  }

  /** The realm in which the meter knows its users. */
  async realm(): Promise<string> {
    return (await this.#challenge()).rlm;
  }

  /** Forgets the token: the meter has started anew, or the password has changed. */
  forgetToken(): void {
    this.#parts.place.token = undefined;
  }

  /**
   * Whether the meter takes a password.
   * @throws MetergateError when that cannot be found out
   */
  async takes(password: string): Promise<boolean> {
    const { rlm: realm, nnc } = await this.#challenge();
    return "jwt" in (await this.#tryLogin({ realm, user: this.#parts.user, password }, nnc));
  }

  async #logIn(challenged?: unknown): Promise<string> {
    const { place, clock, user, host } = this.#parts;
    const passwords = await this.#parts.passwords();
    let nonce: z.infer<typeof challenge> | undefined = challenge.safeParse(challenged).data;
    let refused = "";
    // The first one has a second try: a nonce lives for a minute, and that of the refusal may have been older.
    const tries = [0, ...passwords.keys()];
    for (const which of tries) {
      const { rlm: realm, nnc } = nonce ?? (await this.#challenge());
      nonce = undefined;
      const began = clock.elapsed();
      const outcome = await this.#tryLogin({ realm, user, password: passwords[which]! }, nnc);
      if ("refused" in outcome) {
        refused = outcome.refused;
        continue;
      }
      await this.#parts.proved(which);
      const usedForMs = tokenLifetime(outcome.jwt) * 1000 * RENEWED_AFTER;
      place.token = { text: outcome.jwt, user, since: began, usedForMs };
      return outcome.jwt;
    }
    throw this.#fails("AUTHENTICATION_ERROR", `${host} does not let ${user} in: ${refused}`);
  }

  async #tryLogin(credentials: Credentials, nonce: string): Promise<{ jwt: string } | { refused: string }> {
    const body = loginBody(credentials, nonce, this.#parts.clientNonce());
    const answer = await this.#send({ method: "POST", path: "/auth/login", body });
    const parsed = loggedIn.safeParse(answer.body);
    const words = errorIn(answer.body);
    if (answer.status === 200 && parsed.success && words === undefined) return { jwt: parsed.data.jwt };
    if (answer.status >= 500)
      throw this.#fails("CONNECTION_ERROR", `${this.#parts.host} is not reached: HTTP status ${answer.status}`);
    return { refused: words ?? `HTTP status ${answer.status}` };
  }

  async #challenge(): Promise<z.infer<typeof challenge>> {
    const answer = await this.#send({ method: "GET", path: "/auth/unauthorized" });
    const parsed = challenge.safeParse(answer.body);
    if (answer.status === 401 && parsed.success) return parsed.data;
    const code = answer.status >= 500 ? "CONNECTION_ERROR" : "ILLEGAL_RESPONSE";
    throw this.#fails(code, `${this.#parts.host} gives no nonce: HTTP status ${answer.status}`);
  }

  /** The meter does not say whether the user may not, or is not known: that it says when it is asked for rights. */
  async #explainRefusal(): Promise<never> {
    const { place, user, host } = this.#parts;
    const token = place.token?.text;
    const answer = await this.#send({ method: "GET", path: "/auth/rights", token });
    if (answer.status === 200) {
      throw new MetergateError("DEVICE_REFUSED", `the meter refused: its user ${user} has no right to this`);
    }
    place.token = undefined;
    throw this.#fails("AUTHENTICATION_ERROR", `${host} does not know its own token`);
  }

  async #send(request: MeterRequest): Promise<MeterAnswer> {
    try {
      const answer = await this.#parts.http.send(request);
      this.#failure = undefined;
      this.#parts.heard();
      return answer;
    } catch (error) {
      if (error instanceof MetergateError) this.#failure = error;
      throw error;
    }
  }

  #fails(code: "AUTHENTICATION_ERROR" | "ILLEGAL_RESPONSE" | "CONNECTION_ERROR", text: string): MetergateError {
    this.#failure = new MetergateError(code, text);
    return this.#failure;
  }
}
