import assert from "node:assert/strict";
import {
  type AarqApdu,
  type Apdu,
  type CipherKeys,
  cosem,
  DlmsServer,
  decodeApdu,
  encodeApdu,
  encodeWrapperFrame,
  type ServerAssociation,
  type ServerEvent,
  type ServiceRequest,
  type ServiceResponse,
  WrapperDecoder,
  WrapperServerLink,
} from "../../src/dlms/index.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import {
  CHALLENGE,
  CLIENT_TITLE,
  clientSecurity,
  countingRandom,
  KEYS,
  PASSWORD,
  Session,
  type SessionOptions,
  serverAssociation,
} from "./session.ts";

export const attribute = { classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2 };
export const method = { classId: 18, logicalName: attribute.logicalName, method: 2 };
export const get: ServiceRequest = { type: "get", attributes: [attribute] };
export const invoke = { id: 1, confirmed: true, highPriority: false };
export const getApdu: Apdu = { type: "get-request-normal", invoke, attribute };

export function answerAll(request: ServiceRequest): ServiceResponse | undefined {
  if (request.type === "get")
    return { type: "get", results: request.attributes.map(() => ({ data: cosem.unsigned(7) })) };
  if (request.type === "set") return { type: "set", results: request.attributes.map(() => "success") };
  return undefined;
}

/** A server alone, asked APDU by APDU. */
export class Lonely {
  readonly server: DlmsServer;
  readonly events: ServerEvent[] = [];

  constructor(association: ServerAssociation | undefined, more: SessionOptions["server"] = {}) {
    const link = new WrapperServerLink();
    this.server = new DlmsServer({ link, random: countingRandom(), association: () => association, ...more });
  }

  /** Gives an APDU in; returns those that come out. */
  ask(apdu: Apdu | Uint8Array): Apdu[] {
    const octets = apdu instanceof Uint8Array ? apdu : encodeApdu(apdu);
    this.server.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: octets }));
    const decoder = new WrapperDecoder();
    const answers: Apdu[] = [];
    for (let event = this.server.nextEvent(); event; event = this.server.nextEvent()) {
      if (event.type === "send") answers.push(...[...decoder.push(event.bytes)].map((frame) => decodeApdu(frame.apdu)));
      else this.events.push(event);
    }
    return answers;
  }

  faults(): string[] {
    return this.events.flatMap((event) => (event.type === "fault" ? [event.error.code] : []));
  }
}

export const initiate = fromHex("01000000065F1F040000FE1DFFFF");
export const publicAarq: AarqApdu = { type: "aarq", applicationContext: "logical-name", userInformation: initiate };
export const lowAarq: AarqApdu = { ...publicAarq, mechanism: "low", callingAuthenticationValue: PASSWORD };
export const highAarq: AarqApdu = {
  type: "aarq",
  applicationContext: "logical-name-with-ciphering",
  callingApTitle: CLIENT_TITLE,
  mechanism: "high-gmac",
  callingAuthenticationValue: CHALLENGE,
  userInformation: seal(initiate, 0, 0x21),
};

export function seal(apdu: Uint8Array, counter: number, tag: number, keys: CipherKeys = KEYS): Uint8Array {
  return encodeApdu({ type: "ciphered", tag, payload: keys.protect(apdu, CLIENT_TITLE, counter) });
}

export function exception(stateError: number, serviceError: number, expectedInvocationCounter?: number): Apdu {
  return {
    type: "exception-response",
    stateError,
    serviceError,
    ...(expectedInvocationCounter !== undefined && { expectedInvocationCounter }),
  };
}

export function diagnosticOf(answers: readonly Apdu[]): readonly [number, number] {
  const [aare] = answers;
  assert.ok(aare?.type === "aare");
  return [aare.result, aare.diagnostic];
}

export function hls5(more: SessionOptions = {}): Session {
  return new Session({
    client: { security: clientSecurity("hls5") },
    association: serverAssociation("hls5"),
    answer: answerAll,
    ...more,
  }).connect();
}
