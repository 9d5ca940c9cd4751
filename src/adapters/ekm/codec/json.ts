import { MetergateError } from "../../../domain/errors.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** @throws MetergateError ILLEGAL_RESPONSE, without a word of the text: it may quote what was sent */
export function parseJson(text: string, what: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    throw new MetergateError("ILLEGAL_RESPONSE", `${what} is not JSON`);
  }
}

/** @throws MetergateError as `parseJson`, and when it is something else than an object */
export function parseObject(text: string, what: string): JsonObject {
  const value = parseJson(text, what);
  if (isObject(value)) return value;
  throw new MetergateError("ILLEGAL_RESPONSE", `${what} is not a JSON object`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const LONGEST_WORDS = 200;

/** Words of the cloud for people: short, in one line. */
export function wordsOf(value: unknown): string {
  if (typeof value !== "string" || value.trim() === "") return "no reason given";
  const line = value.replaceAll(/[^\x20-\x7e\u00a0-\ud7ff]+/g, " ").trim();
  return line.length > LONGEST_WORDS ? `${line.slice(0, LONGEST_WORDS)}…` : line;
}
