import { systemClock } from "../lib/clock.ts";
import { systemRandom } from "../lib/random.ts";
import type { ClientTls } from "../transport/http-targets.ts";
import { CertificatesFolder } from "./certificates-folder.ts";
import { UsageError } from "./context.ts";
import { type Answered, ErpClient, formatAnswer, organisationOf } from "./erp-client.ts";
import { readInput } from "./files.ts";

/** How `send` is told where and how long. */
export interface SendOptions {
  readonly url: string;
  /** Folder of `metergate certs`. */
  readonly certificates?: string | undefined;
  readonly wait: boolean;
  readonly timeoutS: number;
}

/**
 * Sends one request document and prints its correlation UID; with `wait` also the result.
 * @returns the exit code: 0 accepted (and answered), 1 refused or not answered in time
 * @throws UsageError for a file or an address that cannot be
 * @throws ErpClientError when the document is no request or nothing answers
 */
export async function send(file: string, options: SendOptions, print: (line: string) => void): Promise<number> {
  if (!/^https?:/.test(options.url) || !URL.canParse(options.url)) {
    throw new UsageError(`--url is an http:// or https:// address, not "${options.url}"`);
  }
  const document = new Uint8Array(readInput(file));
  const client = new ErpClient(options.url, systemClock, tlsFor(document, options.certificates));
  try {
    return await sendOver(client, document, options, print);
  } finally {
    await client.close();
  }
}

/** What proves who the document says that it is from. @throws UsageError */
function tlsFor(document: Uint8Array, certificates: string | undefined): ClientTls | undefined {
  if (certificates === undefined) return undefined;
  const organisation = organisationOf(document);
  if (!organisation) throw new UsageError("the document has no OrganisationIdentification to take the certificate of");
  return new CertificatesFolder(certificates, systemClock, systemRandom).tlsOf(organisation);
}

async function sendOver(
  client: ErpClient,
  document: Uint8Array<ArrayBuffer>,
  options: SendOptions,
  print: (line: string) => void,
): Promise<number> {
  const sent = await client.send(document);
  if ("fault" in sent) {
    print(formatAnswer(sent.fault));
    return 1;
  }
  print(sent.correlationUid);
  if (!options.wait) return 0;
  const answer = await client.waitForResult(sent, options.timeoutS * 1000);
  print(
    answer ? formatAnswer(answer) : `no result after ${options.timeoutS} s; fetch it later with the correlation UID`,
  );
  return answer && !isFailure(answer) ? 0 : 1;
}

/** Whether an answer says that the device did not do what was asked. */
export function isFailure(answer: Answered): boolean {
  return answer.element === "Fault" || answer.leaves.some(({ name, text }) => name === "Result" && text !== "OK");
}
