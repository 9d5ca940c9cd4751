import assert from "node:assert/strict";
import {
  type ClientEvent,
  cosem,
  decodeApdu,
  type ServerAssociation,
  type ServerCiphering,
  type ServiceRequest,
  type ServiceResponse,
  WrapperDecoder,
} from "../../src/dlms/index.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { clientSecurity, KEYS, SERVER_TITLE, Session, type SessionOptions, serverAssociation } from "./session.ts";

/** What meters in the field do, and that a client gets along with it. */

export const LOGICAL_NAME = parseObis("0.0.1.0.0.255");
export const attribute = { classId: 8, logicalName: LOGICAL_NAME, attribute: 2 };
export const get: ServiceRequest = { type: "get", attributes: [attribute] };
export const action: ServiceRequest = {
  type: "action",
  methods: [{ classId: 18, logicalName: LOGICAL_NAME, method: 1 }],
  parameters: [cosem.integer(0)],
};

export type Hook = (apdu: Uint8Array) => Uint8Array | undefined;

/** An HLS5 association with a meter whose APDUs are changed on their way out. */
export function hls5(hooks: { plain?: Hook; sealed?: Hook } = {}, more: SessionOptions = {}): Session {
  return new Session({
    client: { security: clientSecurity("hls5", "general-glo") },
    association: serverAssociation("hls5"),
    server: { hooks },
    answer: answerAll,
    ...more,
  }).connect();
}

export function answerAll(request: ServiceRequest): ServiceResponse | undefined {
  if (request.type === "get")
    return { type: "get", results: request.attributes.map(() => ({ data: cosem.unsigned(7) })) };
  if (request.type === "action") return { type: "action", results: request.methods.map(() => ({ result: "success" })) };
  return undefined;
}

/** Replaces APDUs that begin with this octet. */
export function replace(tag: number, by: (apdu: Uint8Array) => Uint8Array | undefined): Hook {
  return (apdu) => (apdu[0] === tag ? by(apdu) : apdu);
}

export function withCiphering(more: Partial<ServerCiphering>): ServerAssociation {
  const association = serverAssociation("hls5");
  assert.ok(association.security.type === "hls5");
  return { security: { ...association.security, ciphering: { ...association.security.ciphering, ...more } } };
}

export function release(session: Session): ClientEvent | undefined {
  session.client.release();
  session.run();
  return session.clientEvents.at(-1);
}

/** The APDUs of one side without their wrapper. */
export function apdusOf(session: Session, side: "client" | "server"): Uint8Array[] {
  const decoder = new WrapperDecoder();
  return session.sent
    .filter(({ from }) => from === side)
    .flatMap(({ bytes }) => [...decoder.push(bytes)].map(({ apdu }) => apdu));
}

export const RLRE = 0x63;

export function decodeAareCounter(session: Session): number {
  const aare = decodeApdu(apdusOf(session, "server")[0]!);
  assert.ok(aare.type === "aare" && aare.userInformation);
  const initiate = decodeApdu(aare.userInformation);
  assert.ok(initiate.type === "ciphered");
  return KEYS.unprotect(initiate.payload, SERVER_TITLE).counter;
}
