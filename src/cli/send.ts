import { readFileSync } from "node:fs";
import { systemClock } from "../lib/clock.ts";
import { type Answered, ErpClient, ErpClientError } from "./erp-client.ts";

/** How `send` is told where and how long. */
export interface SendOptions {
  readonly url: string;
  readonly wait: boolean;
  readonly timeoutS: number;
}

/**
 * Sends one request document and prints its correlation UID; with `wait` also the result.
 * @returns the exit code: 0 accepted (and answered), 1 refused or not answered in time
 */
export async function send(file: string, options: SendOptions, print: (line: string) => void): Promise<number> {
  let document: Uint8Array<ArrayBuffer>;
  try {
    document = new Uint8Array(readFileSync(file));
  } catch (error) {
    throw new ErpClientError(`cannot read ${file}`, { cause: error });
  }
  const client = new ErpClient(options.url, systemClock);
  const sent = await client.send(document);
  if ("fault" in sent) {
    print(sent.fault.xml);
    return 1;
  }
  print(sent.correlationUid);
  if (!options.wait) return 0;
  const answer = await client.waitForResult(sent, options.timeoutS * 1000);
  print(answer ? answer.xml : `no result after ${options.timeoutS} s; fetch it later with the correlation UID`);
  return answer && !isFailure(answer) ? 0 : 1;
}

/** Whether an answer says that the device did not do what was asked. */
export function isFailure(answer: Answered): boolean {
  return answer.element === "Fault" || answer.leaves.some(({ name, text }) => name === "Result" && text !== "OK");
}
