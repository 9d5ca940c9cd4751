import { requireRange } from "../checks.ts";
import { defineOperation } from "../operation.ts";

/** A message between us and a device. */
export interface KeptMessage {
  /** Epoch milliseconds. */
  readonly timeMs: number;
  /** For whom it was; empty when for nobody. */
  readonly organisation: string;
  readonly device: string;
  /** In words: step, correlation UID, and what the message says. */
  readonly decoded: string;
  /** Octets as hexadecimal digits, deciphered and without secrets. */
  readonly encoded: string;
  readonly incoming: boolean;
  /** Whether it could be read. */
  readonly valid: boolean;
}

const LAST_PAGE = 2 ** 31 - 1;

export const findMessageLogs = defineOperation<
  /** Pages count from 0. */
  { readonly page: number },
  { readonly pages: number; readonly messages: readonly KeptMessage[] }
>({
  name: "FindMessageLogs",
  runsOn: "platform",
  addressedTo: ["meter", "mbus-device"],
  group: "MANAGEMENT",
  effect: "reads",
  notification: "GET_MESSAGES",
  failure: "fault",
  check({ page }) {
    requireRange("Page", page, 0, LAST_PAGE);
  },
});
