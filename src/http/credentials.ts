import { createPrivateKey, type KeyObject, type X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import type { SecureContextOptions } from "node:tls";
import { type Clock, until } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { readRevocationLists, TrustError } from "./revocation-list.ts";
import { describeCertificate, readCertificates, shownName, Trust } from "./trust.ts";

const DAY_MS = 86_400_000;
/** How long before its end a certificate is complained about. */
const WARN_BEFORE_MS = 30 * DAY_MS;

/** Which files to read. */
export interface CredentialFiles {
  readonly tlsCertificateFile?: string | undefined;
  readonly tlsKeyFile?: string | undefined;
  readonly tlsAuthoritiesFile?: string | undefined;
  readonly tlsRevocationFile?: string | undefined;
  readonly signCertificateFile?: string | undefined;
  readonly signKeyFile?: string | undefined;
  readonly tlsMinVersion: "TLSv1.2" | "TLSv1.3";
  readonly tlsCiphers?: string | undefined;
}

/** Something that was read and ends. */
export interface Ending {
  readonly what: string;
  /** The same in parts, which are another one's for every other. */
  readonly labels: { readonly kind: string; readonly of: string; readonly serial: string };
  readonly endMs: number;
  readonly isList: boolean;
}

/** What was read of them, at one time. */
interface Loaded {
  /** Absent without a certificate of our own: then no TLS is spoken. */
  readonly context?: SecureContextOptions | undefined;
  readonly trust: Trust;
  readonly own: readonly X509Certificate[];
  /** With what answers are signed. */
  readonly signer?: { readonly certificate: X509Certificate; readonly key: KeyObject } | undefined;
  readonly warnedOn: Set<number>;
}

async function read(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new TrustError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? "no reason told"}`);
  }
}

async function load(files: CredentialFiles): Promise<Loaded> {
  const { tlsCertificateFile, tlsKeyFile, tlsAuthoritiesFile, tlsRevocationFile } = files;
  const authorities = tlsAuthoritiesFile ? readCertificates(await read(tlsAuthoritiesFile), tlsAuthoritiesFile) : [];
  const noAuthority = authorities.find(({ ca }) => !ca);
  if (noAuthority) {
    throw new TrustError(
      `${tlsAuthoritiesFile} has a certificate that is no authority's: ${describeCertificate(noAuthority)}`,
    );
  }
  const lists = tlsRevocationFile ? readRevocationLists(await read(tlsRevocationFile), authorities) : [];
  const trust = new Trust(authorities, lists);
  const signer = await loadSigner(files);
  if (!tlsCertificateFile || !tlsKeyFile) return { trust, own: [], signer, warnedOn: new Set() };
  const cert = await read(tlsCertificateFile);
  const own = readCertificates(cert, tlsCertificateFile);
  const key = await read(tlsKeyFile);
  requireKey(own[0]!, key, { tlsCertificateFile, tlsKeyFile });
  const context = {
    ...{ cert, key, ca: authorities.map(String), minVersion: files.tlsMinVersion },
    ...(files.tlsCiphers !== undefined && { ciphers: files.tlsCiphers }),
  };
  return { context, trust, own, signer, warnedOn: new Set() };
}

/** The pair that answers are signed with: its own files, or those of TLS. */
async function loadSigner(files: CredentialFiles): Promise<Loaded["signer"]> {
  const { tlsCertificateFile, tlsKeyFile } = files;
  const { signCertificateFile = tlsCertificateFile, signKeyFile = tlsKeyFile } = files;
  if (!signCertificateFile || !signKeyFile) return undefined;
  const [certificate] = readCertificates(await read(signCertificateFile), signCertificateFile);
  const key = await read(signKeyFile);
  requireKey(certificate!, key, { tlsCertificateFile: signCertificateFile, tlsKeyFile: signKeyFile });
  return { certificate: certificate!, key: createPrivateKey(key) };
}

function requireKey(
  certificate: X509Certificate,
  key: Buffer,
  { tlsCertificateFile, tlsKeyFile }: Record<"tlsCertificateFile" | "tlsKeyFile", string>,
): void {
  let fits: boolean;
  try {
    fits = certificate.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw new TrustError(`${tlsKeyFile} has no private key in PEM that can be read without a passphrase`);
  }
  if (!fits)
    throw new TrustError(`the key in ${tlsKeyFile} does not belong to the certificate in ${tlsCertificateFile}`);
}

/** Our certificate and whom we believe, from files that may be replaced while the service runs. */
export class Credentials {
  readonly #files: CredentialFiles;
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, "info" | "warn" | "error">;
  #loaded: Loaded;
  #seen: string;

  /** @throws TrustError */
  static async open(
    files: CredentialFiles,
    clock: Clock,
    logger: Pick<Logger, "info" | "warn" | "error">,
  ): Promise<Credentials> {
    const seen = await stateOf(files);
    const credentials = new Credentials(files, clock, logger, await load(files), seen);
    credentials.warn();
    return credentials;
  }

  private constructor(
    files: CredentialFiles,
    clock: Clock,
    logger: Pick<Logger, "info" | "warn" | "error">,
    loaded: Loaded,
    seen: string,
  ) {
    this.#files = files;
    this.#clock = clock;
    this.#logger = logger;
    this.#loaded = loaded;
    this.#seen = seen;
  }

  /** What TLS is spoken with; undefined without a certificate of our own. */
  get context(): SecureContextOptions | undefined {
    return this.#loaded.context;
  }

  /** With what answers are signed; undefined when no key was given. */
  get signer(): Loaded["signer"] {
    return this.#loaded.signer;
  }

  get trust(): Trust {
    return this.#loaded.trust;
  }

  /** Days until the first of our certificate, the authorities' and the revocation lists ends; undefined without any. */
  get daysLeft(): number | undefined {
    const ends = this.ends().map(({ endMs }) => endMs);
    return ends.length > 0 ? until(this.#clock, Math.min(...ends)) / DAY_MS : undefined;
  }

  /**
   * Reads the files again if one of them changed. What cannot be used is told, and what was there before stays.
   * @returns whether there is something new
   */
  async reload(): Promise<boolean> {
    const seen = await stateOf(this.#files);
    if (seen === this.#seen) return false;
    this.#seen = seen;
    try {
      this.#loaded = await load(this.#files);
    } catch (error) {
      if (!(error instanceof TrustError)) throw error;
      const text = "changed certificates cannot be used, those before stay";
      this.#logger.error({ reason: error.message }, text);
      return false;
    }
    const [own] = this.#loaded.own;
    this.#logger.info(
      { certificate: own && describeCertificate(own) },
      "certificates and revocation lists were reloaded",
    );
    this.warn();
    return true;
  }

  /** Tells of each that ends soon, once a day. */
  warn(): void {
    const { warnedOn } = this.#loaded;
    const today = Math.floor(this.#clock.now() / DAY_MS);
    if (warnedOn.has(today)) return;
    warnedOn.clear();
    warnedOn.add(today);
    for (const { what, endMs, isList } of this.ends()) {
      if (until(this.#clock, endMs) > (isList ? 0 : WARN_BEFORE_MS)) continue;
      const text = isList ? "a revocation list is out of date; what it lists still counts" : "a certificate ends soon";
      this.#logger.warn({ what, until: new Date(endMs).toISOString() }, text);
    }
  }

  /** When what was read ends, in epoch milliseconds; each once. */
  ends(): Ending[] {
    const { own, trust } = this.#loaded;
    const certificates = [...own, ...trust.authorities].map((each) => ({
      what: describeCertificate(each),
      labels: { kind: "certificate", of: shownName(each.subject), serial: each.serialNumber },
      endMs: Date.parse(each.validTo),
      isList: false,
    }));
    const lists = trust.lists.flatMap(({ issuer, nextUpdateMs: endMs }) => {
      if (endMs === undefined) return [];
      const labels = { kind: "revocation list", of: shownName(issuer.subject), serial: issuer.serialNumber };
      return [{ what: `revocation list of ${issuer.subject}`, labels, endMs, isList: true }];
    });
    return [...new Map([...certificates, ...lists].map((each) => [Object.values(each.labels).join(), each])).values()];
  }
}

/** Tells a file that was replaced or written to from the one before. */
async function stateOf(files: CredentialFiles): Promise<string> {
  const { tlsCertificateFile, tlsKeyFile, tlsAuthoritiesFile, tlsRevocationFile, signCertificateFile, signKeyFile } =
    files;
  const names = [
    tlsCertificateFile,
    tlsKeyFile,
    tlsAuthoritiesFile,
    tlsRevocationFile,
    signCertificateFile,
    signKeyFile,
  ];
  const states = names.map(async (file) => {
    if (file === undefined) return "";
    const { ino, size, mtimeMs } = await stat(file).catch(() => ({ ino: 0, size: 0, mtimeMs: 0 }));
    return `${ino} ${size} ${mtimeMs}`;
  });
  return (await Promise.all(states)).join("; ");
}
