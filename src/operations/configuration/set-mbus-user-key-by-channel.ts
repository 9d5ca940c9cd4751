import { defineOperation, type Nothing } from "../operation.ts";
import type { Channel } from "../values.ts";

/** Gives the M-Bus device on a channel of the meter a new user key. */
export const setMbusUserKeyByChannel = defineOperation<{ readonly channel: Channel }, Nothing>({
  name: "SetMbusUserKeyByChannel",
  group: "OWNER",
  effect: "moves",
  notification: "SET_MBUS_USER_KEY_BY_CHANNEL",
  failure: "result",
});
