import { type RecordValues, withDefaults } from "../../src/smart-energy/records.ts";

export const NINE = Date.UTC(2026, 0, 31, 9);
export const NODE = "0013A200400A0001";

/** Records that begin at once and last for an hour. */
export const event = (id: number): RecordValues =>
  withDefaults({ issuer_event_id: id, duration_in_minutes: 60 }, "LoadControlEventRecord");
export const message = (id: number): RecordValues =>
  withDefaults({ message_id: id, duration_in_minutes: 60, message: "Hello" }, "DisplayMessageRecord");
export const price = (id: number): RecordValues =>
  withDefaults({ issuer_event_id: id, duration_in_minutes: 60, price: 120 }, "PublishPriceRecord");
