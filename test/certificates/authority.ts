import { issueCertificate, type KeyType, newAuthority, type Use } from "../../src/certificates/authority.ts";
import { systemRandom } from "../../src/lib/random.ts";

const DAY_MS = 86_400_000;
/** Days before and after now within which certificates are valid. */
const VALID = { from: -1, to: 90 } as const;

export function wanted(commonName: string, { from, to }: { from: number; to: number } = VALID, keyType?: KeyType) {
  const nowMs = Date.now();
  return { commonName, keyType, notBeforeMs: nowMs + from * DAY_MS, notAfterMs: nowMs + to * DAY_MS };
}

/** The authority of the tests of this process, and what it issued for a server on loopback. */
export const AUTHORITY = newAuthority(wanted("Test authority"), systemRandom);
export const SERVER = issueCertificate(
  AUTHORITY,
  wanted("localhost"),
  { server: true, hosts: ["localhost", "127.0.0.1"] },
  systemRandom,
);

/** A certificate that the authority issued. */
export function issue(
  commonName: string,
  {
    valid,
    keyType,
    use = { client: true },
    by = AUTHORITY,
  }: {
    valid?: { from: number; to: number };
    keyType?: KeyType;
    use?: Use;
    by?: typeof AUTHORITY;
  } = {},
) {
  return issueCertificate(by, wanted(commonName, valid, keyType), use, systemRandom);
}
