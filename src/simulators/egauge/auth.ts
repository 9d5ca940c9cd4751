import { createHash, createHmac } from "node:crypto";
import type { Answer } from "./answer.ts";
import { type MeterState, REALM } from "./state.ts";

const FIELDS = 3;

/** Nonces and tokens of a meter: signed, so that it need not remember them, and gone with each boot. */
export class Authentication {
  readonly #state: MeterState;
  readonly #secret: Uint8Array;
  readonly #revoked = new Set<string>();
  /** How often somebody logged in. */
  logins = 0;
  /** Seconds that tokens live, where it is not as usual. */
  tokenLife: number | undefined;

  constructor(state: MeterState) {
    this.#state = state;
    this.#secret = state.random.bytes(32);
  }

  #sign(text: string): string {
    return createHmac("sha256", this.#secret).update(`${this.#state.boots} ${text}`).digest("base64url");
  }

  #signed(payload: object): string {
    const body = `${encode({ typ: "JWT", alg: "HS256" })}.${encode(payload)}`;
    return `${body}.${this.#sign(body)}`;
  }

  /** What was signed in this boot and lives still. */
  #read(token: string): { usr?: string; prv?: readonly string[] } | undefined {
    const parts = token.split(".");
    if (parts.length !== FIELDS || this.#sign(`${parts[0]}.${parts[1]}`) !== parts[2]) return undefined;
    const payload = JSON.parse(Buffer.from(parts[1]!, "base64url").toString());
    return this.#state.age < Number(payload.beg) + Number(payload.ltm) ? payload : undefined;
  }

  /** Whose token it is, and what it may. */
  bearer(authorization: string | undefined): { readonly user: string; readonly rights: readonly string[] } | undefined {
    const [, token] = /^Bearer (\S+)$/.exec(authorization ?? "") ?? [];
    if (token === undefined || this.#revoked.has(token)) return undefined;
    const payload = this.#read(token);
    if (payload?.usr === undefined || !this.#state.users.has(payload.usr)) return undefined;
    return { user: payload.usr, rights: payload.prv ?? [] };
  }

  /** The refusal that has a new nonce in it. */
  unauthorized(error = "Authentication required."): Answer {
    const nnc = this.#signed({ beg: this.#state.age, ltm: this.#state.pace.nonceLife, rnd: this.#state.random.uuid() });
    return { status: 401, body: { rlm: REALM, nnc, error } };
  }

  login(body: unknown): Answer {
    const { rlm, usr, nnc, cnnc, hash, pwd } = (body ?? {}) as Record<string, unknown>;
    if (typeof rlm !== "string" || typeof usr !== "string") return { status: 400, body: { error: "Invalid request." } };
    const user = this.#state.users.get(usr);
    const refused = { status: 200, body: { error: "Invalid username or password." } };
    if (pwd !== undefined) return refused;
    if (typeof nnc !== "string" || typeof cnnc !== "string" || typeof hash !== "string") {
      return { status: 400, body: { error: "Invalid request." } };
    }
    if (!this.#read(nnc)) return this.unauthorized("Invalid nonce.");
    const expected = createHash("md5").update(`${user?.hash}:${nnc}:${cnnc}`).digest("hex");
    if (!user || user.hash === "" || rlm !== REALM || hash !== expected) return refused;
    this.logins += 1;
    const rights = [
      ...(user.privileges.includes("unlimited_save") ? ["save"] : []),
      ...(user.privileges.includes("ctrl") ? ["ctrl"] : []),
    ];
    const life = this.tokenLife ?? this.#state.pace.tokenLife;
    // As seen of real meters, numbers in these places may be texts.
    const payload = { rlm, usr, prv: rights, beg: String(this.#state.age), ltm: String(life), gen: this.logins };
    return { status: 200, body: { jwt: this.#signed(payload) } };
  }

  logout(authorization: string | undefined): Answer {
    const token = authorization?.split(" ")[1] ?? "";
    if (!this.bearer(authorization)) return { status: 400, body: { error: "Invalid token." } };
    this.#revoked.add(token);
    return { status: 200, body: { status: "OK" } };
  }
}

function encode(payload: object): string {
  return Buffer.from(JSON.stringify(payload)).toString("base64url");
}
