import { encodeLeaf } from "../domain/log-leaf.ts";
import { escapeXml, FORBIDDEN_IN_XML } from "../lib/xml.ts";
import type { LoggedEntry } from "../store/message-log.ts";
import { toBase64 } from "./note.ts";

export const EVIDENCE_NAMESPACE = "urn:metergate:evidence:1";

/** What an evidence document says of one request. */
export interface Evidence {
  readonly correlationUid: string;
  /** When the document was made, epoch milliseconds. */
  readonly madeMs: number;
  /** The checkpoint that all is proved against, as a signed note. */
  readonly checkpoint: string;
  /** Verifier keys of the log. */
  readonly keys: readonly string[];
  /** Each with the hashes that lead from it to the root; without any when the checkpoint does not cover it. */
  readonly entries: readonly { readonly entry: LoggedEntry; readonly proof: readonly Uint8Array[] | undefined }[];
}

function content(name: string, text: string, attributes = ""): string {
  return `<${name}${attributes}>${escapeXml(text).replaceAll("\r", "&#13;")}</${name}>`;
}

/** The payload as text where it is that, to the octet; otherwise in base64. */
function payloadOf(stored: Uint8Array): string {
  const text = Buffer.from(stored).toString("utf8");
  const isText = !FORBIDDEN_IN_XML.test(text) && Buffer.from(text, "utf8").equals(stored);
  return isText
    ? content("Payload", text, ' encoding="text"')
    : content("Payload", toBase64(stored), ' encoding="base64"');
}

function entryElement({ entry, proof }: Evidence["entries"][number]): string {
  const { leaf, stored, salt } = entry;
  const { index, timeMs, direction, service, operation } = leaf;
  const attributes = { index, time: new Date(timeMs).toISOString(), direction, service, operation };
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`);
  return [
    `<Entry${written.join("")}>`,
    content("Leaf", Buffer.from(encodeLeaf(leaf)).toString("utf8")),
    salt ? content("Salt", Buffer.from(salt).toString("hex")) : "",
    stored ? payloadOf(stored) : "<Erased/>",
    proof ? `<Proof>${proof.map((hash) => content("Hash", toBase64(hash))).join("")}</Proof>` : "",
    "</Entry>",
  ].join("");
}

/** The document, not signed yet: all there is about a request, with the proofs that it is in the log. */
export function evidenceDocument({ correlationUid, madeMs, checkpoint, keys, entries }: Evidence): string {
  return [
    `<Evidence xmlns="${EVIDENCE_NAMESPACE}">`,
    content("CorrelationUid", correlationUid),
    content("Made", new Date(madeMs).toISOString()),
    content("Checkpoint", checkpoint),
    ...keys.map((key) => content("LogKey", key)),
    ...entries.map(entryElement),
    "</Evidence>",
  ].join("\n");
}
