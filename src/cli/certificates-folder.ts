import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Identity, issueCertificate, type KeyType, newAuthority } from "../certificates/authority.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { ClientTls } from "../transport/http-targets.ts";
import { UsageError } from "./context.ts";

const DAY_MS = 86_400_000;
/** A certificate is valid from a little before it is made: clocks differ. */
const EARLIER_MS = 3_600_000;
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

/** A folder with a demonstration authority, a server's certificate and those of callers; keys are readable by their owner only. */
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

  /** Makes an authority and a server's certificate. @throws UsageError when there is an authority already */
  init(hosts: readonly string[], { days }: Made): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    if (existsSync(this.file(AUTHORITY, "-key.pem"))) {
      throw new UsageError(`${this.path} has an authority already; remove it, or take another folder`);
    }
    const authority = newAuthority(this.#wanted("Metergate demonstration authority", { days }), this.#random);
    this.#write(AUTHORITY, authority);
    const server = this.#wanted(hosts[0]!, { days });
    this.#write(SERVER, issueCertificate(authority, server, { server: true, hosts }, this.#random));
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
    writeFileSync(this.file(name, ".pem"), certificate);
    writePrivate(this.file(name, "-key.pem"), key);
  }
}

function ago(momentMs: number, ms: number): number {
  return momentMs - ms;
}

/** Writes a file that nobody but its owner may read. */
export function writePrivate(file: string, content: string | Uint8Array): void {
  writeFileSync(file, content, { mode: 0o600 });
  // The mode counts for new files only.
  chmodSync(file, 0o600);
}
