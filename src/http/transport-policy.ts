import type { CredentialFiles } from "./credentials.ts";

/** What decides how callers connect; see `TLS_SETTINGS`. */
export interface TransportSettings extends CredentialFiles {
  readonly host: string;
  readonly plainHttp: boolean;
  readonly trustedProxies: readonly string[];
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|localhost)$/;

/** Why a service that listens like this would let in whom it should not: one line for each reason, none when it is safe. */
export function unsafeTransport(settings: TransportSettings): string[] {
  const { host, plainHttp, trustedProxies, tlsCertificateFile, tlsKeyFile, tlsAuthoritiesFile } = settings;
  const hasTls = tlsCertificateFile !== undefined && tlsKeyFile !== undefined;
  const problems: string[] = [];
  if ((tlsCertificateFile === undefined) !== (tlsKeyFile === undefined)) {
    problems.push("METERGATE_TLS_CERTIFICATE_FILE and METERGATE_TLS_KEY_FILE belong together: set both or none");
  } else if (!hasTls && !plainHttp) {
    problems.push(
      "no TLS: set METERGATE_TLS_CERTIFICATE_FILE, METERGATE_TLS_KEY_FILE and METERGATE_TLS_AUTHORITIES_FILE " +
        "(metergate certs init makes some to try), or METERGATE_PLAIN_HTTP=true to believe whoever reaches the port on loopback",
    );
  }
  if (hasTls && plainHttp)
    problems.push("METERGATE_PLAIN_HTTP=true and METERGATE_TLS_CERTIFICATE_FILE exclude each other");
  if (plainHttp && !LOOPBACK.test(host)) {
    problems.push(`METERGATE_PLAIN_HTTP=true is for loopback only, and METERGATE_HOST is ${host}`);
  }
  if ((hasTls || trustedProxies.length > 0) && tlsAuthoritiesFile === undefined) {
    problems.push("METERGATE_TLS_AUTHORITIES_FILE is missing: it says whose certificates of callers are believed");
  }
  return problems;
}
