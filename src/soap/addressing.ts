import { escapeXml } from "../lib/xml.ts";
import type { HeaderBlock } from "./envelope.ts";
import { SoapFault } from "./fault.ts";

/** A version of WS-Addressing, and its address of "the connection that the request came over". */
const VERSIONS: ReadonlyMap<string, string> = new Map([
  ["http://www.w3.org/2005/08/addressing", "http://www.w3.org/2005/08/addressing/anonymous"],
  [
    "http://schemas.xmlsoap.org/ws/2004/08/addressing",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous",
  ],
]);

const UNDERSTOOD: ReadonlySet<string> = new Set([
  "Action",
  "FaultTo",
  "From",
  "MessageID",
  "RelatesTo",
  "ReplyTo",
  "To",
]);
const ENDPOINTS: ReadonlySet<string> = new Set(["FaultTo", "ReplyTo"]);

/** What a message says in WS-Addressing. */
export interface Addressing {
  readonly namespace: string;
  readonly messageId: string;
}

/** Whether a header block is one of WS-Addressing that we understand. */
export function isAddressing({ namespace, name }: HeaderBlock): boolean {
  return VERSIONS.has(namespace) && UNDERSTOOD.has(name);
}

/**
 * An answer goes back over the connection that the request came on, and nowhere else. Another address is passed over
 * where it may be, as it always was.
 * @throws SoapFault Client when it must be understood
 */
export function requireAnonymous({ namespace, name, address, mandatory }: HeaderBlock): void {
  if (!ENDPOINTS.has(name) || !mandatory || address === VERSIONS.get(namespace)) return;
  throw new SoapFault("Client", `Header ${name}: answers go to the anonymous address only, over the same connection`);
}

/**
 * The header blocks of an answer to a message with an id; nothing for one without.
 * @param action of the answer, or undefined for a fault
 */
export function answerHeaders(addressing: Addressing | undefined, action: string | undefined): string[] {
  if (!addressing) return [];
  const { namespace, messageId } = addressing;
  return [
    `<wsa:Action xmlns:wsa="${namespace}">${action ?? `${namespace}/fault`}</wsa:Action>`,
    `<wsa:RelatesTo xmlns:wsa="${namespace}">${escapeXml(messageId)}</wsa:RelatesTo>`,
  ];
}
