import type { KeyObject, X509Certificate } from "node:crypto";
import { MetergateError } from "../../domain/errors.ts";
import type { Organisation } from "../../domain/organisation.ts";
import type { Peer } from "../../http/peers.ts";
import { TrustError } from "../../http/revocation-list.ts";
import { type NamePlace, namesIn, type Trust } from "../../http/trust.ts";
import type { Clock } from "../../lib/clock.ts";
import { sha256Hex } from "../../lib/sha256.ts";
import type { Context } from "../context.ts";
import { SoapFault, shownName } from "../fault.ts";
import { requireFresh } from "./fresh.ts";
import { WSSE } from "./names.ts";
import type { AnswerSigner } from "./sign-answer.ts";
import { SignatureThread } from "./signature-thread.ts";
import { fitsPassword, readUserToken, type UserToken } from "./user-token.ts";

export interface SecurityParts {
  /** Whom to believe, now. */
  readonly credentials: {
    readonly trust: Trust;
    readonly signer: { readonly certificate: X509Certificate; readonly key: KeyObject } | undefined;
  };
  readonly callerNameIn: NamePlace;
  readonly clock: Clock;
  /** Whether callers without a certificate may show a UsernameToken over TLS. */
  readonly usernameTokens: boolean;
  /** The password of a user of an organisation; undefined when there is no such. */
  passwordOf(organisation: string, user: string): Promise<string | undefined>;
  /** Remembers something until that instant, in epoch milliseconds; false when it is remembered already. */
  remember(key: string, untilMs: number): Promise<boolean>;
}

/** Who has no certificate, and may show a UsernameToken instead. */
export function mayShowToken(peer: Peer): boolean {
  return peer.kind === "stranger" && peer.hasNoCertificate === true;
}

/** Web Services Security: signed messages of those who sign, and user names of those who can do no more. */
export class Security {
  readonly #parts: SecurityParts;
  readonly #signatures = new SignatureThread();

  constructor(parts: SecurityParts) {
    this.#parts = parts;
  }

  get takesTokens(): boolean {
    return this.#parts.usernameTokens;
  }

  /**
   * Looks at what a message proves about itself.
   * @returns the body that was signed, which is to be read in place of the message's; undefined for a message that need not
   * be signed
   * @throws SoapFault Client, MustUnderstand; Server when nobody proved to be the organisation
   */
  async require(context: Context, organisation: Organisation | undefined): Promise<string | undefined> {
    const { headers, message, text = "" } = context;
    const { organisation: name } = headers!.caller;
    const { security } = headers!;
    const isUnproved = message.peer.kind === "stranger";
    const token = security && this.#parts.usernameTokens ? readUserToken(text) : undefined;
    if (token) await this.#requireToken(token, name, message.peer);
    else if (isUnproved) {
      const { reason } = message.peer as { reason: string };
      const words = `Client certificate is untrusted or invalid for organisation [${name}]: ${reason}`;
      throw new SoapFault("Server", words);
    }
    if (organisation?.signed) return this.#requireSigned(context, name);
    if (security?.mandatory && !token) {
      throw new SoapFault("MustUnderstand", `Header ${shownName(WSSE, "Security")} is not understood`);
    }
    return undefined;
  }

  /** With what the answer to an organisation is signed; undefined when it is not. @throws MetergateError INTERNAL without a key */
  signerFor(organisation: Organisation | undefined): AnswerSigner | undefined {
    if (!organisation?.signed) return undefined;
    const { signer } = this.#parts.credentials;
    if (signer) return signer;
    throw new MetergateError("INTERNAL", "METERGATE_SIGN_CERTIFICATE_FILE and METERGATE_SIGN_KEY_FILE are missing");
  }

  async #requireSigned({ headers, text = "" }: Context, organisation: string): Promise<string> {
    if (!headers!.security) throw new SoapFault("Client", `Messages of organisation ${organisation} must be signed`);
    const { credentials, callerNameIn, clock } = this.#parts;
    const signed = await this.#signatures.open(text, headers!.blocks);
    const { certificate, created, expires, body, signedSha256 } = signed;
    const reason =
      credentials.trust.whyNot(certificate, clock.now()) ?? this.#whyNotOf(certificate, callerNameIn, organisation);
    if (reason !== undefined) throw new SoapFault("Client", `The signature is refused: ${reason}`);
    const untilMs = requireFresh(created, expires, clock.now());
    await this.#requireNew(`${certificate.fingerprint256} ${signedSha256}`, untilMs);
    return body;
  }

  #whyNotOf(certificate: X509Certificate, place: NamePlace, organisation: string): string | undefined {
    try {
      const names = namesIn(certificate, place);
      if (names.includes(organisation)) return undefined;
      return `the certificate is for ${names.join(", ").slice(0, 200)}, not for ${organisation}`;
    } catch (error) {
      if (error instanceof TrustError) return error.message;
      throw error;
    }
  }

  async #requireToken(token: UserToken, organisation: string, peer: Peer): Promise<void> {
    if (peer.kind === "anybody") {
      throw new SoapFault("Client", "The UsernameToken is refused: it is taken over TLS only");
    }
    const password = await this.#parts.passwordOf(organisation, token.user);
    // Whoever guesses names learns nothing from the time that it takes.
    if (!fitsPassword(token, password ?? "") || password === undefined) {
      throw new SoapFault("Client", "The UsernameToken is refused: user name or password is wrong");
    }
    const untilMs = requireFresh(token.created, undefined, this.#parts.clock.now());
    await this.#requireNew(JSON.stringify([organisation, token.user, token.nonce, token.created]), untilMs);
  }

  async #requireNew(what: string, untilMs: number): Promise<void> {
    if (await this.#parts.remember(sha256Hex(what), untilMs)) return;
    const text =
      "The message came before; send it again with a new time stamp, which is the same request if it has a MessageID";
    throw new SoapFault("Client", text);
  }
}
