import { systemClock } from "../lib/clock.ts";
import { UsageError } from "./context.ts";
import { type Answered, ErpClient, formatAnswer } from "./erp-client.ts";
import { readInput } from "./files.ts";

/** How `send` is told where and how long. */
export interface SendOptions {
  readonly url: string;
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
  const client = new ErpClient(options.url, systemClock);
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
