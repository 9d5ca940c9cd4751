import { X509Certificate } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { Clock } from "../lib/clock.ts";
import type { Credentials } from "./credentials.ts";
import { TrustError } from "./revocation-list.ts";
import { sourceOf } from "./source.ts";
import { describeCertificate, type NamePlace, namesIn } from "./trust.ts";

/** Who is at the other end. */
export type Peer =
  /** Nobody proved anything, and nobody has to. */
  | { readonly kind: "anybody" }
  /** Whoever holds the key of a certificate that is believed. */
  | {
      readonly kind: "known";
      /** What it may call itself. */
      readonly names: readonly string[];
      readonly certificate: X509Certificate;
    }
  /** Whoever has no certificate that is believed; why, in words for its operator, and whether there was none at all. */
  | { readonly kind: "stranger"; readonly reason: string; readonly hasNoCertificate?: true };

export interface PeersOptions {
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly callerNameIn: NamePlace;
  readonly trustedProxies: readonly string[];
  readonly forwardedCertificateHeader: string;
}

/** Forwarded certificates that are kept read; there are as many as callers. */
const MOST_FORWARDED = 1_000;

/** An address as it is compared: IPv6 in its canonical form, IPv4 in IPv6 as IPv4. */
function canonical(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
  return bare.includes(":") ? new URL(`http://[${bare}]/`).hostname : bare;
}

/** PEM, also URL-encoded or on one line; or base64 of DER, also between colons (RFC 9440, section 2.1). */
function readForwarded(text: string): X509Certificate {
  try {
    const plain = text.includes("%") ? decodeURIComponent(text) : text;
    const base64 = plain.replace(/-----(BEGIN|END) CERTIFICATE-----/g, "").replace(/^:(.*):$/s, "$1");
    if (!/^[A-Za-z0-9+/=\s]+$/.test(base64)) throw new TrustError("no base64");
    return new X509Certificate(Buffer.from(base64, "base64"));
  } catch {
    throw new TrustError("the proxy forwarded something that is no certificate");
  }
}

/** Nothing was presented that could be judged. */
class NoCertificate extends TrustError {}

/** Tells who sends a request: by the certificate of its connection, or by the one that a proxy forwards. */
export class Peers {
  readonly #options: PeersOptions;
  readonly #proxies: ReadonlySet<string>;
  readonly #header: string;
  readonly #ofSocket = new WeakMap<object, X509Certificate>();
  readonly #forwarded = new Map<string, X509Certificate>();

  constructor(options: PeersOptions) {
    this.#options = options;
    this.#proxies = new Set(options.trustedProxies.map(canonical));
    this.#header = options.forwardedCertificateHeader.toLowerCase();
  }

  of(request: IncomingMessage): Peer {
    const { socket } = request;
    const isProxy = this.#proxies.size > 0 && this.#proxies.has(canonical(socket.remoteAddress ?? ""));
    if (!isProxy && !(socket instanceof TLSSocket)) {
      if (this.#proxies.size === 0) return { kind: "anybody" };
      const reason = `${sourceOf(socket)} is no proxy that may forward certificates, and without TLS there is none`;
      return { kind: "stranger", reason };
    }
    try {
      const certificate = isProxy ? this.#certificateIn(request) : this.#certificateOf(socket as TLSSocket);
      const { credentials, clock, callerNameIn } = this.#options;
      const reason = credentials.trust.whyNot(certificate, clock.now());
      if (reason !== undefined) return { kind: "stranger", reason };
      return { kind: "known", names: namesIn(certificate, callerNameIn), certificate };
    } catch (error) {
      if (error instanceof NoCertificate) return { kind: "stranger", reason: error.message, hasNoCertificate: true };
      if (error instanceof TrustError) return { kind: "stranger", reason: error.message };
      throw error;
    }
  }

  #certificateOf(socket: TLSSocket): X509Certificate {
    const known = this.#ofSocket.get(socket);
    if (known) return known;
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) throw new NoCertificate("no client certificate was presented");
    this.#ofSocket.set(socket, certificate);
    return certificate;
  }

  #certificateIn({ headers }: IncomingMessage): X509Certificate {
    const text = headers[this.#header];
    if (typeof text !== "string" || text === "") {
      throw new NoCertificate(`the proxy forwarded no client certificate in the header ${this.#header}`);
    }
    const certificate = this.#forwarded.get(text) ?? readForwarded(text);
    this.#forwarded.delete(text);
    this.#forwarded.set(text, certificate);
    for (const [oldest] of this.#forwarded) {
      if (this.#forwarded.size <= MOST_FORWARDED) break;
      this.#forwarded.delete(oldest);
    }
    return certificate;
  }
}

/** Whether a peer may speak for an organisation; why not, in words for its operator, when it may not. */
export function whyNotOf(peer: Peer, organisation: string): string | undefined {
  if (peer.kind === "stranger") return peer.reason;
  if (peer.kind === "anybody" || peer.names.includes(organisation)) return undefined;
  const names = peer.names.join(", ").slice(0, 200);
  return `the certificate is for ${names}, not for ${organisation}: ${describeCertificate(peer.certificate)}`;
}
