import { createHash } from "node:crypto";

function md5(text: string): string {
  return createHash("md5").update(text).digest("hex");
}

export interface Credentials {
  readonly realm: string;
  readonly user: string;
  readonly password: string;
}

/** What a meter keeps of a password. MD5 is what the protocol has; it is never sent but to change a password. */
export function userHash({ realm, user, password }: Credentials): string {
  return md5(`${user}:${realm}:${password}`);
}

/** The body that logs in with a nonce of the meter and one of ours. */
export function loginBody(credentials: Credentials, nonce: string, clientNonce: string): object {
  const { realm, user } = credentials;
  const hash = md5(`${userHash(credentials)}:${nonce}:${clientNonce}`);
  return { rlm: realm, usr: user, nnc: nonce, cnnc: clientNonce, hash };
}

/** A token lives that long when it does not say; seconds. */
const USUAL_LIFETIME = 600;

/** How long a token lives, in seconds, as its payload says; it is not verified, the meter does that. */
export function tokenLifetime(token: string): number {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const lifetime = Number((payload as { ltm?: unknown }).ltm);
    return lifetime > 0 && lifetime < 86_400 ? lifetime : USUAL_LIFETIME;
  } catch {
    return USUAL_LIFETIME;
  }
}
