import type { X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { KeyType } from "../certificates/authority.ts";
import { fromPkcs12, toPkcs12 } from "../certificates/pkcs12.ts";
import { readCertificates } from "../http/trust.ts";
import { systemClock } from "../lib/clock.ts";
import { systemRandom } from "../lib/random.ts";
import { AUTHORITY, CertificatesFolder, SERVER, writePrivate } from "./certificates-folder.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { readInput } from "./files.ts";

type Print = CommandContext["print"];

function folderAt(path: string): CertificatesFolder {
  return new CertificatesFolder(path, systemClock, systemRandom);
}

/** `certs init`: makes an authority and a server's certificate to try with. */
export function certsInit(print: Print, options: { dir: string; host: string[]; days: number }): void {
  const folder = folderAt(options.dir);
  folder.init(options.host, options);
  print(
    `authority and server certificate for ${options.host.join(", ")} in ${folder.path}; the service takes them with:`,
  );
  print(`METERGATE_TLS_CERTIFICATE_FILE=${folder.file(SERVER, ".pem")}`);
  print(`METERGATE_TLS_KEY_FILE=${folder.file(SERVER, "-key.pem")}`);
  print(`METERGATE_TLS_AUTHORITIES_FILE=${folder.file(AUTHORITY, ".pem")}`);
  print(`METERGATE_TLS_REVOCATION_FILE=${folder.file(AUTHORITY, "-crl.pem")}`);
}

/** The first line of a file, which is a password. @throws UsageError when it is empty or cannot be read */
function readPassword(file: string): string {
  const [password = ""] = readInput(file).toString("utf8").split(/\r?\n/);
  if (password === "") throw new UsageError(`${file} has no password in its first line`);
  return password;
}

export interface IssueOptions {
  readonly dir: string;
  readonly days: number;
  readonly keyType: KeyType;
  /** With it, a PKCS#12 bundle is made too. */
  readonly passwordFile?: string | undefined;
}

/** `certs issue ORGANISATION`: makes a caller's certificate. */
export function certsIssue(print: Print, organisation: string, options: IssueOptions): void {
  if (!/^\S{1,40}$/u.test(organisation)) throw new UsageError("an organisation has 1 to 40 characters and no space");
  const folder = folderAt(options.dir);
  const password = options.passwordFile && readPassword(options.passwordFile);
  const issued = folder.issue(organisation, options);
  print(`certificate: ${folder.file(organisation, ".pem")}`);
  print(`key:         ${folder.file(organisation, "-key.pem")}`);
  if (password === undefined) return;
  const bundle = toPkcs12(issued, [folder.read(AUTHORITY).certificate], password, systemRandom);
  writePrivate(folder.file(organisation, ".p12"), bundle);
  print(`bundle:      ${folder.file(organisation, ".p12")}`);
}

/** `certs import FILE`: takes certificate and key out of a PKCS#12 bundle. @throws BundleError */
export function certsImport(
  print: Print,
  file: string,
  options: { dir: string; passwordFile: string; name?: string | undefined },
): void {
  const { certificate, key, others } = fromPkcs12(readInput(file), readPassword(options.passwordFile));
  const folder = folderAt(options.dir);
  const name = options.name ?? basename(file).replace(/\.(p12|pfx)$/i, "");
  writeFileSync(folder.file(name, ".pem"), [certificate, ...others].join(""));
  writePrivate(folder.file(name, "-key.pem"), key);
  print(`certificate: ${folder.file(name, ".pem")}, with ${others.length} of those who issued it`);
  print(`key:         ${folder.file(name, "-key.pem")}`);
}

/** `certs renew NAME…`: makes certificates anew, of the service or of callers, with other keys. */
export function certsRenew(print: Print, names: readonly string[], { dir }: { dir: string }): void {
  const folder = folderAt(dir);
  for (const name of names) {
    const { validTo } = folder.renew(name);
    print(`certificate: ${folder.file(name, ".pem")}, valid until ${new Date(validTo).toISOString()}`);
    print(`key:         ${folder.file(name, "-key.pem")}`);
  }
}

/** `certs revoke CERTIFICATE…`: writes the list of all that the authority has revoked, those of before too. */
export function certsRevoke(print: Print, files: readonly string[], { dir }: { dir: string }): void {
  const folder = folderAt(dir);
  const certificates = files.flatMap((file) => readCertificates(readInput(file), file).slice(0, 1));
  const count = folder.revoke(certificates.map(String));
  print(`${count} revoked; the service takes the list with:`);
  print(`METERGATE_TLS_REVOCATION_FILE=${folder.file(AUTHORITY, "-crl.pem")}`);
}

/** `certs show FILE`: prints what certificates say. @throws TrustError */
export function certsShow(print: Print, file: string): void {
  for (const certificate of readCertificates(readInput(file), file)) print(described(certificate));
}

function described(certificate: X509Certificate): string {
  const { subject, issuer, subjectAltName, validFrom, validTo, serialNumber, fingerprint256, ca, keyUsage } =
    certificate;
  const line = (name: string) => name.replaceAll("\n", ", ");
  const purposes: Record<string, string> = { "1.3.6.1.5.5.7.3.1": "servers", "1.3.6.1.5.5.7.3.2": "callers" };
  const uses = keyUsage?.map((oid) => purposes[oid] ?? oid).join(", ") ?? "anything";
  const rows: [string, string][] = [
    ["subject", line(subject)],
    ["names", subjectAltName ?? "-"],
    ["issuer", line(issuer)],
    ["valid", `${new Date(validFrom).toISOString()} to ${new Date(validTo).toISOString()}`],
    ["for", ca ? "issuing certificates" : uses],
    ["key", certificate.publicKey.asymmetricKeyType ?? "-"],
    ["serial number", serialNumber],
    ["SHA-256", fingerprint256],
  ];
  return rows.map(([name, value]) => `${name.padEnd(15)}${value}`).join("\n");
}
