import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { systemClock } from "../lib/clock.ts";
import { evidenceDocument } from "../message-log/evidence-document.ts";
import { KeyList } from "../message-log/key-list.ts";
import { proofOf } from "../message-log/tile-loader.ts";
import type { MessageLogStore } from "../store/message-log.ts";
import { type DocumentSigner, signDocument } from "../xml-signature/enveloped.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { lookInto } from "./data.ts";

export interface EvidenceOptions {
  readonly key: string;
  readonly certificate: string;
  readonly output?: string | undefined;
}

const MOST_ENTRIES = 1000;

/** Key and certificate, which belong together. @throws UsageError */
function signerOf({ key: keyFile, certificate: certificateFile }: EvidenceOptions): DocumentSigner {
  try {
    const key = createPrivateKey(readFileSync(keyFile));
    const certificate = new X509Certificate(readFileSync(certificateFile));
    const { namedCurve } = key.asymmetricKeyDetails ?? {};
    const fits = key.asymmetricKeyType === "rsa" || (key.asymmetricKeyType === "ec" && namedCurve === "prime256v1");
    if (!fits) throw new UsageError(`${keyFile} is neither RSA nor EC on P-256`);
    if (!certificate.checkPrivateKey(key)) throw new UsageError(`${certificateFile} is not of the key in ${keyFile}`);
    return { key, certificate };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // What OpenSSL says of a key stays here.
    throw new UsageError(`${keyFile} or ${certificateFile} cannot be read as PEM`);
  }
}

async function documentOf(log: MessageLogStore, uid: string): Promise<string> {
  const { signed } = await log.positions();
  const checkpoint = await log.checkpointUpTo(signed);
  if (!checkpoint) throw new UsageError("there is no checkpoint yet; the service makes the first one within a minute");
  const found = await log.find({ correlationUid: uid }, 0, MOST_ENTRIES);
  if (found.length === 0) throw new UsageError(`the log has no entry of ${uid}`);
  const entries = [];
  for (const entry of found) {
    const { index } = entry.leaf;
    const { size } = checkpoint;
    const proof = index < size ? await proofOf(log, index, size) : undefined;
    entries.push({ entry, proof });
  }
  const keys = [...(await new KeyList().read(log)).keys()];
  return evidenceDocument({
    correlationUid: uid,
    madeMs: systemClock.now(),
    checkpoint: checkpoint.note,
    keys,
    entries,
  });
}

/** `log evidence UID`: writes what the log has of a request, signed, as XML. @throws UsageError */
export async function logEvidence(context: CommandContext, uid: string, options: EvidenceOptions): Promise<void> {
  const signer = signerOf(options);
  const document = await lookInto(context.config(), ({ messageLog }) => documentOf(messageLog, uid));
  const signed = `<?xml version="1.0" encoding="UTF-8"?>\n${signDocument(document, signer)}\n`;
  if (options.output === undefined) context.print(signed.trimEnd());
  else writeFileSync(options.output, signed, { mode: 0o600 });
}
