import {
  type CancelMessage,
  type DisplayMessage,
  IMPORTANCES,
  type MessageConfirmation,
  TRANSMISSIONS,
} from "../../../operations/smart-energy.ts";
import { UNVERIFIED } from "../../../smart-energy/unverified.ts";
import { codesFrom, number, parts, text, time } from "./members.ts";
import { type Member, recordCodec } from "./record-codec.ts";

const messageId = number("message_id", "messageId");
const confirmation = { key: "confirmationRequired", mask: 0x80, isFlag: true } as const;
const importance = Object.fromEntries(IMPORTANCES.map((word, i) => [i << 2, word]));

/** Minutes of what may stay until something else takes its place; it is written whatever was said. */
export function openDuration(): Member {
  const field = "duration_in_minutes";
  const open = UNVERIFIED.openDuration;
  const minutes = number(field, "duration", { unused: [open], lowest: 1 });
  return {
    ...minutes,
    write(record, values) {
      minutes.write(record, values);
      values[field] ??= open;
    },
  };
}

export const DISPLAY_MESSAGE = recordCodec<DisplayMessage>("DisplayMessageRecord", [
  messageId,
  parts("message_control", 0x00, [
    { key: "transmission", mask: 0x03, words: codesFrom(0, TRANSMISSIONS) },
    { key: "importance", mask: 0x0c, words: importance },
    { key: "enhancedConfirmationRequired", mask: 0x20, isFlag: true },
    confirmation,
  ]),
  time("start_time", "startTimeMs", [0]),
  openDuration(),
  text("message", "message", 255),
]);

export const CANCEL_MESSAGE = recordCodec<CancelMessage>("CancelMessageRecord", [
  messageId,
  parts("message_control", 0x00, [confirmation]),
]);

export const MESSAGE_CONFIRMATION = recordCodec<MessageConfirmation>("MessageConfirmationRecord", [
  messageId,
  time("confirmation_time", "confirmationTimeMs", []),
]);
