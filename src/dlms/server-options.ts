import type { Random } from "../lib/random.ts";
import type { ConformanceBit } from "./apdu.ts";
import type { Referencing } from "./association.ts";
import type { DlmsError } from "./errors.ts";
import type { InvocationCounter } from "./invocation-counter.ts";
import type { Link } from "./link.ts";
import type { CipherKeys } from "./security.ts";
import type { ServiceRequest } from "./services.ts";

/** How a server's association is ciphered. The form of each answer is that of its request. */
export interface ServerCiphering {
  readonly keys: CipherKeys;
  /** The server's, 8 octets. */
  readonly systemTitle: Uint8Array;
  /** One value for each ciphered APDU, and one for the HLS token. */
  readonly invocationCounter: Pick<InvocationCounter, "next">;
  /** Lowest counter that the client may begin with, by default 0. */
  readonly lowestClientCounter?: number | undefined;
  /**
   * What a client hears whose counter is too low: exception-response 6 with the expected counter, which is the
   * default; exception-response 5 as if deciphering had failed; or nothing.
   */
  readonly replayAnswer?: "expected-counter" | "deciphering-error" | "silence" | undefined;
}

/** What a server asks of a client, and how messages are protected. */
export type ServerSecurity =
  | { readonly type: "none" }
  | { readonly type: "lls"; readonly password: Uint8Array; readonly ciphering?: ServerCiphering | undefined }
  | {
      readonly type: "hls5";
      readonly ciphering: ServerCiphering;
      /** Octets of the challenge, 8 … 64, by default 16. */
      readonly challengeLength?: number | undefined;
    };

/** What one client of one logical device can associate as. */
export interface ServerAssociation {
  readonly security: ServerSecurity;
  /** By default logical-name. */
  readonly referencing?: Referencing | undefined;
  /** What is granted if it is proposed, if not the usual, general-protection and general-block-transfer. */
  readonly conformance?: readonly ConformanceBit[] | undefined;
  /** Octets of the longest APDU to be sent to this server, 0 … 65535, by default 65535; 0 is no limit. */
  readonly maxReceivePduSize?: number | undefined;
  /** Octets of the longest APDU that this server sends, where the client would take longer ones; by default no limit. */
  readonly maxSendPduSize?: number | undefined;
}

/** Where a simulated meter may misbehave: each sees an APDU on its way out and may change it, or hold it back. */
export interface ServerHooks {
  /** Before ciphering. */
  readonly plain?: ((apdu: Uint8Array) => Uint8Array | undefined) | undefined;
  /** After ciphering, before framing. */
  readonly sealed?: ((apdu: Uint8Array) => Uint8Array | undefined) | undefined;
}

/** What a server is made of. */
export interface DlmsServerOptions {
  readonly link: Link;
  /**
   * Finds the association for a client SAP and a logical device, whenever a client asks for one; undefined when there
   * is none for it.
   */
  readonly association: (client: number, server: number) => ServerAssociation | undefined;
  /** For challenges. */
  readonly random: Pick<Random, "bytes">;
  /** Octets of the longest request put together from blocks, by default 1 MiB. */
  readonly maxRequestLength?: number | undefined;
  /** Blocks of one request, by default 10,000. */
  readonly maxBlocks?: number | undefined;
  /** Blocks that the client may send in a row where General-Block-Transfer is in use, 1 … 63, by default 10. */
  readonly generalBlockWindow?: number | undefined;
  readonly hooks?: ServerHooks | undefined;
}

/** What comes of what went in; see `DlmsServer.nextEvent`. */
export type ServerEvent =
  /** Octets for the transport. */
  | { readonly type: "send"; readonly bytes: Uint8Array }
  /** A client has associated, and has proved itself where it must. */
  | {
      readonly type: "associated";
      readonly client: number;
      readonly server: number;
      readonly clientSystemTitle?: Uint8Array | undefined;
    }
  /** A request to be answered with `respond` or `refuse`, or not at all. */
  | { readonly type: "request"; readonly request: ServiceRequest }
  /** The client has ended the association; a server may close the transport now. */
  | { readonly type: "released" }
  | { readonly type: "frame-dropped"; readonly error: DlmsError }
  /** Something of the client's could not be accepted; it was answered, or ignored, as the standard has it. */
  | { readonly type: "fault"; readonly error: DlmsError }
  /** The link is down: the client closed it, or its octets make no sense any more. */
  | { readonly type: "closed"; readonly error?: DlmsError | undefined };
