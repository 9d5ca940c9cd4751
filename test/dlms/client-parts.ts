import assert from "node:assert/strict";
import {
  type AareApdu,
  type ClientEvent,
  type ClientSecurity,
  cosem,
  DlmsClient,
  type DlmsError,
  decodeApdu,
  encodeApdu,
  encodeWrapperFrame,
  type ServiceRequest,
  type ServiceResponse,
  WrapperClientLink,
} from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { clientSecurity, Session, type SessionOptions, serverAssociation } from "./session.ts";

export const attribute = { classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2 };
export const get: ServiceRequest = { type: "get", attributes: [attribute] };
export const answer = (): ServiceResponse => ({ type: "get", results: [{ data: cosem.unsigned(7) }] });

export type Hook = (apdu: Uint8Array) => Uint8Array | undefined;

export function hls5(hooks: { plain?: Hook; sealed?: Hook } = {}, more: SessionOptions = {}): Session {
  return new Session({
    client: { security: clientSecurity("hls5") },
    association: serverAssociation("hls5"),
    server: { hooks },
    answer,
    ...more,
  }).connect();
}

/** Changes the AARE on its way. */
export function aareHook(change: (aare: AareApdu) => AareApdu): Hook {
  return (apdu) => {
    const decoded = apdu[0] === 0x61 ? decodeApdu(apdu) : undefined;
    return decoded?.type === "aare" ? encodeApdu(change(decoded)) : apdu;
  };
}

export function failureOf(event: ClientEvent | undefined): DlmsError {
  assert.ok(event?.type === "failed", `the client came to ${event?.type}`);
  return event.error;
}

export function failureCode(session: Session): string {
  return failureOf(session.clientEvents.at(-1)).code;
}

/** A client alone; what it sends is taken apart, what it gets is given. */
export function lonely(security: ClientSecurity): {
  client: DlmsClient;
  sent: () => string;
  give: (hex: string) => void;
} {
  const client = new DlmsClient({ link: new WrapperClientLink({ client: 1, server: 1 }), security });
  return {
    client,
    sent: () => {
      const event = client.nextEvent();
      assert.ok(event?.type === "send");
      return toHex(event.bytes.subarray(8));
    },
    give: (hex) => client.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: fromHex(hex) })),
  };
}
