import * as z from "zod";
import { flag, type Kind, oneOf, path, setting } from "../domain/settings.ts";
import { NAME_PLACES } from "./trust.ts";

const headerName: Kind<string> = {
  schema: z.string().regex(/^[A-Za-z0-9-]{1,60}$/),
  allowed: "the name of an HTTP header",
  fromText: (text) => text,
};

const addresses: Kind<readonly string[]> = {
  schema: z.array(z.string().regex(/^[0-9A-Fa-f.:]{2,45}$/)),
  allowed: "IP addresses, with commas between them",
  fromText: (text) => text.split(",").map((each) => each.trim()),
};

const ciphers: Kind<string> = {
  schema: z.string().regex(/^[\w:!+@=-]+$/),
  allowed: "a list as OpenSSL has it",
  fromText: (text) => text,
};

/** What operators can set about who may connect. */
export const TLS_SETTINGS = {
  plainHttp: setting(
    flag,
    false,
    "Speak HTTP without TLS, on loopback only. Whoever reaches the port is then believed whatever its header says, unless proxies are named.",
  ),
  tlsCertificateFile: setting(path, undefined, "Our certificate, and those between it and its authority, PEM.", {
    defaultText: "none",
  }),
  tlsKeyFile: setting(path, undefined, "The private key that belongs to it, PEM.", { defaultText: "none" }),
  tlsAuthoritiesFile: setting(path, undefined, "Certificates of those who issue callers' certificates, PEM.", {
    defaultText: "none",
  }),
  tlsRevocationFile: setting(path, undefined, "What they have revoked: lists of X.509, PEM or DER.", {
    defaultText: "none",
  }),
  signCertificateFile: setting(
    path,
    undefined,
    "Certificate that answers to organisations that sign are signed with, PEM.",
    {
      defaultText: "that of TLS",
    },
  ),
  signKeyFile: setting(path, undefined, "The private key that belongs to it, PEM.", { defaultText: "that of TLS" }),
  usernameTokens: setting(
    flag,
    false,
    "Take a UsernameToken with a digest, over TLS, from callers that have no certificate.",
  ),
  tlsMinVersion: setting(oneOf("TLSv1.2", "TLSv1.3"), "TLSv1.2", "Oldest version of TLS that is spoken."),
  tlsCiphers: setting(ciphers, undefined, "Cipher suites for TLS.", { defaultText: "those of Node.js" }),
  callerNameIn: setting(
    oneOf(...NAME_PLACES),
    "cn",
    "Where a caller's certificate has its OrganisationIdentification: common name, or a subject alternative name.",
  ),
  trustedProxies: setting(
    addresses,
    [],
    "Addresses of proxies that forward the certificates of callers; nobody else's header is looked at.",
    { defaultText: "none" },
  ),
  forwardedCertificateHeader: setting(
    headerName,
    "client-cert",
    "Header in which they do: PEM, also URL-encoded, or base64 of DER (RFC 9440).",
  ),
} as const;
