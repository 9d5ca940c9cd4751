import { X509Certificate } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type Identity,
  issueCertificate,
  type KeyType,
  newAuthority,
  revocationList,
} from "../certificates/authority.ts";
import { namesIn, readCertificates } from "../http/trust.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { ClientTls } from "../transport/http-targets.ts";
import { UsageError } from "./context.ts";

const DAY_MS = 86_400_000;
/** A certificate is valid from a little before it is made: clocks differ. */
const EARLIER_MS = 3_600_000;
const SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
/** What an authority and a server are called in the folder. */
export const AUTHORITY = "ca";
export const SERVER = "server";

/** A file name that any organisation can have. */
function fileName(name: string): string {
  return name.replace(/[^\w.@-]/gu, (character) => encodeURIComponent(character).replace(/%/g, "_"));
}

export interface Made {
  readonly days: number;
  readonly keyType?: KeyType | undefined;
}

/** Those that the authority has withdrawn, as they were. */
const REVOKED = "revoked";

/**
 * A folder with a demonstration authority, a server's certificate and those of callers; keys are readable by their owner
 * only. A service may watch it: files are replaced whole.
 */
export class CertificatesFolder {
  readonly path: string;
  readonly #clock: Pick<Clock, "now">;
  readonly #random: Random;

  constructor(path: string, clock: Pick<Clock, "now">, random: Random) {
    this.path = path;
    this.#clock = clock;
    this.#random = random;
  }

  /** Where something of a name is. */
  file(name: string, ending: ".pem" | "-key.pem" | ".p12" | "-crl.pem"): string {
    return join(this.path, fileName(name) + ending);
  }

  /** Makes an authority, a server's certificate and a revocation list that is empty. @throws UsageError when there is an authority already */
  init(hosts: readonly string[], { days }: Made): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    if (existsSync(this.file(AUTHORITY, "-key.pem"))) {
      throw new UsageError(`${this.path} has an authority already; remove it, or take another folder`);
    }
    const authority = newAuthority(this.#wanted("Metergate demonstration authority", { days }), this.#random);
    this.#write(AUTHORITY, authority);
    const server = this.#wanted(hosts[0]!, { days });
    this.#write(SERVER, issueCertificate(authority, server, { server: true, hosts }, this.#random));
    this.revoke([]);
  }

  /** Makes a caller's certificate. @throws UsageError when there is no authority, or one by that name already */
  issue(organisation: string, made: Made): Identity {
    if (existsSync(this.file(organisation, ".pem"))) {
      throw new UsageError(`${this.file(organisation, ".pem")} is there already; remove it first`);
    }
    const wanted = this.#wanted(organisation, made);
    const issued = issueCertificate(this.read(AUTHORITY), wanted, { client: true }, this.#random);
    this.#write(organisation, issued);
    return issued;
  }

  /**
   * Makes a certificate anew, with another key: for the same name and hosts, for as long as the one that was there.
   * @throws UsageError when there is none, or none that the authority issued
   */
  renew(name: string): X509Certificate {
    const before = new X509Certificate(this.read(name).certificate);
    const authority = this.read(AUTHORITY);
    if (before.ca || !before.verify(new X509Certificate(authority.certificate).publicKey)) {
      throw new UsageError(`${this.file(name, ".pem")} was not issued by the authority in ${this.path}`);
    }
    const { publicKey, keyUsage: purposes = [], validFrom, validTo } = before;
    const days = (Date.parse(validTo) - Date.parse(validFrom) - EARLIER_MS) / DAY_MS;
    const keyType = publicKey.asymmetricKeyType === "rsa" ? "rsa" : "ec";
    const [commonName] = namesIn(before, "cn");
    const isServer = purposes.includes(SERVER_AUTHENTICATION);
    const use = isServer ? { server: true, hosts: hostsOf(before) } : { client: true };
    const wanted = this.#wanted(commonName!, { days, keyType });
    const issued = issueCertificate(authority, wanted, use, this.#random);
    this.#write(name, issued);
    return new X509Certificate(issued.certificate);
  }

  /**
   * Writes the list of what the authority has revoked, with these besides those of before. It counts until the authority
   * ends.
   * @param certificates PEM
   * @returns how many there are now
   */
  revoke(certificates: readonly string[]): number {
    const kept = this.file(REVOKED, ".pem");
    const before = existsSync(kept) ? readCertificates(readFileSync(kept), kept) : [];
    const added = certificates.map((each) => new X509Certificate(each));
    const all = [...new Map([...before, ...added].map((each) => [each.fingerprint256, each.toString()])).values()];
    const authority = this.read(AUTHORITY);
    const nextUpdateMs = Date.parse(new X509Certificate(authority.certificate).validTo);
    const list = { number: all.length, thisUpdateMs: this.#clock.now(), nextUpdateMs };
    if (all.length > 0) replaceFile(kept, all.join(""), 0o644);
    replaceFile(this.file(AUTHORITY, "-crl.pem"), revocationList(authority, all, list), 0o644);
    return all.length;
  }

  /** @throws UsageError */
  read(name: string): Identity {
    const read = (ending: ".pem" | "-key.pem") => {
      const file = this.file(name, ending);
      if (!existsSync(file)) throw new UsageError(`there is no ${file}; see: metergate certs --help`);
      return readFileSync(file, "utf8");
    };
    return { certificate: read(".pem"), key: read("-key.pem") };
  }

  /** What a caller proves with that it is this organisation, and whom it believes. @throws UsageError */
  tlsOf(organisation: string): ClientTls {
    const authorities = readFileSync(this.file(AUTHORITY, ".pem"), "utf8");
    return { ...this.read(organisation), authorities };
  }

  #wanted(commonName: string, { days, keyType }: Made) {
    const nowMs = this.#clock.now();
    const [notBeforeMs, notAfterMs] = [ago(nowMs, EARLIER_MS), ago(nowMs, -days * DAY_MS)];
    return { commonName, keyType, notBeforeMs, notAfterMs };
  }

  #write(name: string, { certificate, key }: Identity): void {
    writePrivate(this.file(name, "-key.pem"), key);
    replaceFile(this.file(name, ".pem"), certificate, 0o644);
  }
}

function ago(momentMs: number, ms: number): number {
  return momentMs - ms;
}

/** Names and addresses that a server is reached under. */
function hostsOf({ subjectAltName = "" }: X509Certificate): string[] {
  return subjectAltName.split(", ").map((each) => each.replace(/^(DNS|IP Address):/, ""));
}

/** Writes a file that nobody but its owner may read. */
export function writePrivate(file: string, content: string | Uint8Array): void {
  replaceFile(file, content, 0o600);
}

/** Nobody sees half of it. */
function replaceFile(file: string, content: string | Uint8Array, mode: number): void {
  const draft = `${file}.new`;
  writeFileSync(draft, content, { mode });
  // The mode counts for new files only.
  chmodSync(draft, mode);
  renameSync(draft, file);
}
